title='static musl binaries: heap, threads, fork, spawn'
packages='musl-tools gcc'

setup() {
  cat >program.c <<'TEXT'
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
static void *body(void *n) {
    unsigned long sum = 0;
    for (int round = 0; round < 50; round++) {
        char *blocks[200];
        for (int i = 0; i < 200; i++) { blocks[i] = malloc(100 + i * 37); memset(blocks[i], i, 100); }
        for (int i = 0; i < 200; i++) { blocks[i] = realloc(blocks[i], 20000 + i); sum += blocks[i][99]; }
        for (int i = 0; i < 200; i++) free(blocks[i]);
    }
    return (void *)(sum + (unsigned long)n);
}
int main(void) {
    pthread_t t[4];
    unsigned long total = 0;
    for (long i = 0; i < 4; i++) pthread_create(&t[i], NULL, body, (void *)i);
    for (int i = 0; i < 4; i++) { void *r; pthread_join(t[i], &r); total += (unsigned long)r; }
    char *big = calloc(1, 30 << 20);
    for (int i = 0; i < 30 << 20; i += 4096) big[i] = i >> 12;
    int status;
    pid_t child = fork();
    if (child == 0) { for (int i = 0; i < 30 << 20; i += 4096) if (big[i] != (char)(i >> 12)) _exit(1); _exit(9); }
    waitpid(child, &status, 0);
    printf("total %lu child %d\n", total, WEXITSTATUS(status));
    char *arguments[] = {"sh", "-c", "exit 6", NULL};
    for (int i = 0; i < 20; i++) { posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ); waitpid(child, &status, 0); }
    printf("spawned %d\n", WEXITSTATUS(status));
    return system("exit 3") >> 8;
}
TEXT
  musl-gcc -static -O1 -o program program.c
}

run() {
  "$work/program" || echo "status $?"
}
