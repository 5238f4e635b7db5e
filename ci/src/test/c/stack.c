/* The main stack grows by 6 MiB and shrinks again, twice, with pressure in the depth; an overflow of
 * the stack is SIGSEGV as ever. */
#include "check.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

__attribute__((noinline)) static uint64_t descend(int depth, uint64_t seed) {
    volatile uint64_t frame[PAGE / sizeof(uint64_t)];
    for (size_t i = 0; i < PAGE / sizeof(uint64_t); i += 16) {
        frame[i] = mix(seed + i);
    }
    uint64_t below = depth == 0 ? (pressure(), 1) : descend(depth - 1, seed + 1000);
    for (size_t i = 0; i < PAGE / sizeof(uint64_t); i += 16) {
        CHECK(frame[i] == mix(seed + i));
        below += frame[i];
    }
    return below;
}

int main(void) {
    uint64_t first = descend(1450, 1);
    pressure();
    uint64_t second = descend(1450, 1);
    CHECK(first == second);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        uint64_t never = descend(1 << 20, 1);
        _exit((int)(never & 1));
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    printf("stack ok %016llx\n", (unsigned long long)first);
    return 0;
}
