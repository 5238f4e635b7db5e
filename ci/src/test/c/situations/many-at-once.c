/* 400 processes of one family live at the same time, each with memory of its own and its parent's. */
#include "situation.h"

enum { CHILDREN = 400 };

int main(void) {
    int hold[2], good = 0, made = 0;
    static pid_t children[CHILDREN];
    char *memory = map_filled(32 * PAGE, 1);
    CHECK(pipe(hold) == 0);
    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            char byte;
            close(hold[1]);
            char *own = map_filled(4 * PAGE, (uint64_t)i);
            CHECK(read(hold[0], &byte, 1) == 0); /* until all are there */
            _exit(bad_pages(own, 4 * PAGE, (uint64_t)i) == 0 && bad_pages(memory, 32 * PAGE, 1) == 0
                      ? 0
                      : 1);
        }
        made += children[i] > 0;
    }
    fill(memory, 32 * PAGE, 2);
    close(hold[1]);
    for (int i = 0; i < CHILDREN; i++) {
        good += children[i] > 0 && ended(children[i]) == 0;
    }
    printf("%d made, %d ended well\n", made, good);
    EXPECT(bad_pages(memory, 32 * PAGE, 2) == 0, "memory");
    return verdict();
}
