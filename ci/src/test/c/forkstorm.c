/* N cycles of fork + exec + exit (N = first argument); the program that is exec'ed is this one with
 * no argument, which ends at once. */
#include "check.h"
#include <sys/wait.h>

int main(int argc, char **argv) {
    if (argc < 2) {
        return 5;
    }
    long cycles = strtol(argv[1], NULL, 10);
    size_t bytes = 2 * MIB;
    char *at = map_anon(bytes);
    fill(at, bytes, 4);
    for (long i = 0; i < cycles; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            execl("/proc/self/exe", argv[0], (char *)NULL);
            _exit(98);
        }
        int status;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
        *(volatile long *)(at + (size_t)(i % (long)(bytes / PAGE)) * PAGE) = i;
    }
    CHECK(munmap(at, bytes) == 0);
    printf("forkstorm ok %ld\n", cycles);
    return 0;
}
