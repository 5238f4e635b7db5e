title='make -j2 of 200 C files'
packages='make gcc libc6-dev'
core=yes
seconds=240

setup() {
  awk 'BEGIN {
    for (i = 0; i < 200; i++) {
      f = "f" i ".c"
      printf "#include <stdio.h>\n#include <string.h>\n" > f
      for (j = 0; j < 8; j++) {
        printf "int f%d_%d(int x) { int a[16]; for (int k = 0; k < 16; k++) a[k] = x * k + %d;", i, j, i * j > f
        printf " for (int k = 1; k < 16; k++) a[k] ^= a[k - 1] >> 1; return a[15] %% %d; }\n", j + 97 > f
      }
      close(f)
      call = call " s += f" i "_" (i % 8) "(" i ");"
      declare = declare "int f" i "_" (i % 8) "(int);\n"
    }
    print "#include <stdio.h>\n" declare "int main(void) { long s = 0;" call " printf(\"%ld\\n\", s); return 0; }" > "main.c"
  }'
  cat >Makefile <<'TEXT'
OBJECTS = $(patsubst %.c,%.o,$(wildcard *.c))
program: $(OBJECTS)
	gcc -o $@ $(sort $(OBJECTS))
%.o: %.c
	gcc -O1 -c -o $@ $<
TEXT
}

run() {
  cp "$work"/*.c "$work/Makefile" .
  make -s -j2 && ./program
  cat *.o | md5sum
}
