/* A child is stopped and continued while it calls for memory; its parent is told each time, and the
 * child's memory is whole at the end. */
#include "situation.h"

static int child_body(int ready) {
    char *memory = map_filled(4 * MIB, 5);
    CHECK(write(ready, "x", 1) == 1);
    for (uint64_t round = 0; round < 400; round++) {
        size_t bytes = (1 + round % 40) * PAGE;
        char *at = mmap(NULL, bytes, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(at != MAP_FAILED);
        fill(at, bytes, round);
        CHECK(bad_pages(at, bytes, round) == 0 && munmap(at, bytes) == 0);
        nap(500);
    }
    return bad_pages(memory, 4 * MIB, 5) == 0 ? 21 : 22;
}

int main(void) {
    int ready[2], status;
    char byte;
    CHECK(pipe(ready) == 0);
    pid_t child = fork();
    if (child == 0) {
        _exit(child_body(ready[1]));
    }
    CHECK(child > 0 && read(ready[0], &byte, 1) == 1);
    for (int round = 0; round < 10; round++) {
        CHECK(kill(child, SIGSTOP) == 0);
        EXPECT(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) &&
                   WSTOPSIG(status) == SIGSTOP,
               "stop %d is reported", round);
        nap(3000);
        EXPECT(waitpid(child, &status, WUNTRACED | WNOHANG) == 0, "it is reported once");
        CHECK(kill(child, SIGCONT) == 0);
        EXPECT(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status),
               "going on %d is reported", round);
        nap(3000);
    }
    printf("the child ended with %d\n", ended(child));
    return verdict();
}
