/* A user who may have twelve processes has twelve, the next fork and thread answer EAGAIN, and the
 * ones that exist work on. */
#include "situation.h"

enum { MANY = 20 };

static void *nothing(void *argument) {
    return argument;
}

int main(void) {
    needs_root();
    char *memory = map_filled(MIB, 1);
    struct rlimit twelve = {12, 12};
    CHECK(setresgid(54329, 54329, 54329) == 0 && setresuid(54329, 54329, 54329) == 0);
    CHECK(setrlimit(RLIMIT_NPROC, &twelve) == 0);
    for (int round = 0; round < 2; round++) {
        int hold[2], made = 0, good = 0;
        pid_t children[MANY];
        CHECK(pipe(hold) == 0);
        for (; made < MANY; made++) {
            children[made] = fork();
            if (children[made] == 0) {
                char byte;
                close(hold[1]);
                char *own = map_filled(64 * PAGE, (uint64_t)made);
                _exit(read(hold[0], &byte, 1) == 0 && bad_pages(own, 64 * PAGE, made) == 0 &&
                              bad_pages(memory, MIB, 1) == 0
                          ? 0
                          : 1);
            }
            if (children[made] == -1) {
                break;
            }
        }
        printf("%d children, then %s\n", made, strerror(errno));
        pthread_t thread;
        printf("a thread: %s\n", strerror(pthread_create(&thread, NULL, nothing, NULL)));
        close(hold[1]);
        for (int i = 0; i < made; i++) {
            good += ended(children[i]) == 0;
        }
        printf("%d ended well\n", good);
        close(hold[0]);
    }
    EXPECT(bad_pages(memory, MIB, 1) == 0, "memory");
    return verdict();
}
