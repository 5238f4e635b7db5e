title='ThreadSanitizer and AddressSanitizer with leak check'
packages='gcc libc6-dev'
core=yes

setup() {
  cat >threads.c <<'TEXT'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
static int racy, guarded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *body(void *unused) {
    for (int i = 0; i < 20000; i++) {
        char *block = malloc(100 + i % 1000);
        block[i % 100] = 1;
        pthread_mutex_lock(&lock);
        guarded += block[i % 100];
        pthread_mutex_unlock(&lock);
        free(block);
    }
    racy++;
    return unused;
}
int main(void) {
    pthread_t t[4];
    for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, body, NULL);
    for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
    printf("guarded %d\n", guarded);
    return 0;
}
TEXT
  cat >blocks.c <<'TEXT'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
    char **blocks = calloc(20000, sizeof *blocks);
    for (int i = 0; i < 20000; i++) { blocks[i] = malloc(500); memset(blocks[i], i, 500); }
    long sum = 0;
    for (int i = 0; i < 20000; i++) { sum += blocks[i][i % 500]; free(blocks[i]); }
    free(blocks);
    printf("sum %ld\n", sum);
    fflush(stdout);
    if (argc > 1 && argv[1][0] == 'l') { char *volatile lost = malloc(77); lost = NULL; (void)lost; }
    if (argc > 1 && argv[1][0] == 'o') { char *volatile short_one = malloc(10); short_one[10] = 1; free(short_one); }
    return 0;
}
TEXT
  gcc -g -O1 -fsanitize=thread -pthread -o threads threads.c
  gcc -g -O1 -fsanitize=address -o blocks blocks.c
}

run() {
  "$work/threads" 2>race || echo "status $?"
  grep -c 'WARNING: ThreadSanitizer: data race' race
  "$work/blocks" 2>&1 || echo "status $?"
  "$work/blocks" leak 2>leak || echo "status $?"
  grep -E 'SUMMARY|^Direct leak' leak
  "$work/blocks" overflow 2>overflow || echo "status $?"
  grep -o -E 'SUMMARY: AddressSanitizer: [a-z-]*|WRITE of size 1' overflow
}
