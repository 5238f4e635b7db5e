/* The parent changes its mappings in the very moment after fork: the child still has everything as it
 * was when it was made. */
#include "situation.h"

enum { ROUNDS = 60, PAGES = 64 };
static const size_t bytes = PAGES * PAGE;

/* What the child changes itself rests on its own mappings and heap end, not on its parent's. */
static int child_body(char *at, char *heap, int go, uint64_t tag) {
    char byte;
    CHECK(read(go, &byte, 1) == 1);
    if (bad_pages(at, bytes, tag) != 0 || bad_pages(heap, bytes, tag + 1) != 0) {
        return 1;
    }
    if (tag % 40 == 0) {
        pressure();
    }
    char *moved = mremap(at, bytes, 2 * bytes, MREMAP_MAYMOVE);
    CHECK(moved != MAP_FAILED);
    if (bad_pages(moved, bytes, tag) != 0 || pages_not_zero(moved + bytes, bytes) != 0) {
        return 2;
    }
    CHECK(madvise(moved, bytes / 2, MADV_DONTNEED) == 0);
    if (pages_not_zero(moved, bytes / 2) != 0) {
        return 3;
    }
    CHECK(syscall(SYS_brk, heap + bytes / 2) == (long)(heap + bytes / 2));
    CHECK(syscall(SYS_brk, heap + bytes) == (long)(heap + bytes));
    if (pages_not_zero(heap + bytes / 2, bytes / 2) != 0) {
        return 4;
    }
    return bad_pages(heap, bytes / 2, tag + 1) != 0 ? 5 : 0;
}

static void change(int how, char *at, char *heap) {
    switch (how) {
    case 0:
        CHECK(munmap(at, bytes) == 0);
        break;
    case 1:
        CHECK(mremap(at, bytes, 2 * bytes, MREMAP_MAYMOVE) != MAP_FAILED);
        break;
    case 2:
        CHECK(madvise(at, bytes, MADV_DONTNEED) == 0 && page_is_zero(at));
        break;
    case 3:
        CHECK(syscall(SYS_brk, heap) == (long)heap);
        break;
    case 4:
        CHECK(mmap(at, bytes, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at);
        fill(at, bytes, 999);
        break;
    case 5:
        CHECK(mremap(at, bytes, bytes / 2, 0) == at);
        break;
    default:
        fill(at, bytes, 888);
        break;
    }
}

int main(void) {
    char *heap = (char *)(((uintptr_t)syscall(SYS_brk, 0) + PAGE - 1) & ~(PAGE - 1));
    for (int round = 0; round < ROUNDS; round++) {
        int go[2];
        uint64_t tag = (uint64_t)round * 10;
        CHECK(pipe(go) == 0);
        char *at = map_filled(bytes, tag);
        CHECK(syscall(SYS_brk, heap + bytes) == (long)(heap + bytes));
        fill(heap, bytes, tag + 1);
        if (round % 3 == 0) {
            pressure();
        }
        pid_t child = fork();
        if (child == 0) {
            _exit(child_body(at, heap, go[0], tag));
        }
        CHECK(child > 0);
        change(round % 7, at, heap);
        CHECK(write(go[1], "x", 1) == 1);
        int status = ended(child);
        EXPECT(status == 0, "round %d: the child ended with %d", round, status);
        CHECK(close(go[0]) == 0 && close(go[1]) == 0);
        munmap(at, bytes);
    }
    return verdict();
}
