/* peak FILE PROGRAM ARG...: runs the program, writes the largest resident set of it and of its
 * children, in KiB, to FILE, and ends with its status (128+N when signal N ended it). */
#include "check.h"
#include <sys/resource.h>
#include <sys/wait.h>

int main(int argc, char **argv) {
    CHECK(argc >= 3);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execvp(argv[2], argv + 2);
        fprintf(stderr, "peak: %s: %s\n", argv[2], strerror(errno));
        _exit(127);
    }
    int status;
    struct rusage usage;
    while (wait4(child, &status, 0, &usage) != child) {
        CHECK(errno == EINTR);
    }
    struct rusage all;
    CHECK(getrusage(RUSAGE_CHILDREN, &all) == 0);
    FILE *file = fopen(argv[1], "w");
    CHECK(file != NULL && fprintf(file, "%ld\n", all.ru_maxrss) > 0 && fclose(file) == 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
