/* Strict seccomp: read, write and exit are all that is left; memory that is away comes back, stacks
 * grow, and anything else is death. */
#include "situation.h"
#include <linux/seccomp.h>

static char *memory;

static size_t deep(int depth) {
    volatile char room[3000];
    room[0] = (char)depth;
    return depth == 0 ? 0 : (size_t)(room[0] != (char)depth) + deep(depth - 1);
}

static int strict(void *argument) {
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0) == 0);
    size_t bad = bad_pages(memory, 12 * MIB, 1) + deep(500);
    fill(memory, 12 * MIB, 2);
    bad += bad_pages(memory, 12 * MIB, 2);
    if (argument != NULL) {
        syscall(SYS_mmap, NULL, PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    syscall(SYS_exit, bad != 0);
    return 9;
}

int main(void) {
    memory = map_filled(12 * MIB, 1);
    pressure();
    printf("strict: %d\n", in_child(strict, NULL));
    printf("strict, then mmap: %d\n", in_child(strict, memory));
    EXPECT(bad_pages(memory, 12 * MIB, 1) == 0, "memory");
    return verdict();
}
