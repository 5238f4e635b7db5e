title='valgrind: a program with a leak and a wrong read'
packages='valgrind gcc libc6-dev libc6-dbg'

setup() {
  cat >program.c <<'TEXT'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void) {
    long sum = 0;
    for (int i = 0; i < 20000; i++) {
        char *block = malloc(1000 + i % 100);
        memset(block, i, 1000);
        sum += block[i % 1000];
        if (i % 1000 != 0) free(block);
    }
    int *volatile unset = malloc(40);
    if (unset[3] > 5) sum++;
    printf("sum %ld\n", sum > 0 || sum <= 0);
    return 0;
}
TEXT
  gcc -g -O0 -o program program.c
}

run() {
  valgrind --leak-check=full --log-file=log "$work/program"
  sed -E 's/^==[0-9]+== *//' log | grep -E 'definitely lost:|ERROR SUMMARY|Conditional jump|total heap usage'
}
