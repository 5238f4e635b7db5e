/* 2,000 children, one after the other and a few at a time, with at most 64 descriptors open. */
#include "situation.h"

int main(void) {
    struct rlimit few = {64, 64};
    CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
    char *memory = map_filled(256 << 10, 1);
    int good = 0, errors = 0;
    for (int round = 0; round < 500; round++) {
        pid_t children[4];
        for (int i = 0; i < 4; i++) {
            children[i] = fork();
            if (children[i] == 0) {
                memory[i * PAGE] = (char)round;
                _exit(page_is(memory + (4 + i) * PAGE, (uint64_t)(4 + i), 1) ? i : 9);
            }
            errors += children[i] == -1;
        }
        for (int i = 0; i < 4; i++) {
            good += children[i] > 0 && ended(children[i]) == i;
        }
    }
    printf("%d children ended well, %d could not be made\n", good, errors);
    EXPECT(bad_pages(memory, 256 << 10, 1) == 0, "memory");
    return verdict();
}
