/* Guards (MADV_GUARD_INSTALL) lose what was there, bite in the process and its children, survive
 * pressure, reading around them and moves, and are zero when they are taken away. */
#include "situation.h"

enum { GUARD_INSTALL = 102, GUARD_REMOVE = 103, PAGES = 64 };
static const size_t bytes = PAGES * PAGE;

static int touches(void *at) {
    signal(SIGSEGV, SIG_DFL);
    *(volatile char *)at = 1;
    return 0;
}

static void bites(const char *when, char *at) {
    int status = in_child(touches, at);
    EXPECT(status == 1000 + SIGSEGV, "%s: the guard let through, status %d", when, status);
}

/* Every eighth page is a guard. */
static void others_are_whole(const char *when, char *at) {
    size_t bad = 0;
    for (size_t page = 0; page < PAGES; page++) {
        bad += page % 8 != 4 && !page_is(at + page * PAGE, page, 1);
    }
    EXPECT(bad == 0, "%s: %zu pages beside the guards", when, bad);
}

int main(void) {
    struct rlimit none = {0, 0};
    CHECK(setrlimit(RLIMIT_CORE, &none) == 0);
    char *at = map_filled(bytes, 1);
    pressure();
    if (madvise(at + 4 * PAGE, PAGE, GUARD_INSTALL) != 0) {
        printf("skipped: no guards in this kernel\n");
        return SKIPPED;
    }
    for (size_t page = 12; page < PAGES; page += 8) {
        EXPECT(madvise(at + page * PAGE, PAGE, GUARD_INSTALL) == 0, "guard %zu", page);
    }
    for (int round = 0; round < 2; round++) {
        others_are_whole("at first", at);
        bites("at first", at + 4 * PAGE);
        bites("at first", at + 60 * PAGE);
        pressure();
    }
    char *moved = mremap(at, bytes, 2 * bytes, MREMAP_MAYMOVE);
    CHECK(moved != MAP_FAILED);
    others_are_whole("moved", moved);
    bites("moved", moved + 20 * PAGE);
    EXPECT(madvise(moved, 16 * PAGE, MADV_DONTNEED) == 0, "advice over a guard");
    EXPECT(page_is_zero(moved) && page_is_zero(moved + 11 * PAGE), "dropped");
    bites("after advice", moved + 4 * PAGE);
    EXPECT(madvise(moved, 2 * bytes, GUARD_REMOVE) == 0, "removal");
    EXPECT(page_is_zero(moved + 4 * PAGE) && page_is_zero(moved + 60 * PAGE), "zero where it was");
    EXPECT(page_is(moved + 61 * PAGE, 61, 1), "beside it");
    EXPECT(madvise(moved, bytes, GUARD_INSTALL) == 0 && munmap(moved, 2 * bytes) == 0, "the end");
    /* A page that was never touched, and one that only reading has made. */
    at = map_anon(bytes);
    EXPECT(page_is_zero(at + 3 * PAGE), "untouched");
    EXPECT(madvise(at + 2 * PAGE, 3 * PAGE, GUARD_INSTALL) == 0, "guards over untouched pages");
    fill(at, 2 * PAGE, 1);
    fill(at + 5 * PAGE, bytes - 5 * PAGE, 2);
    bites("untouched", at + 2 * PAGE);
    bites("untouched", at + 3 * PAGE);
    pressure();
    EXPECT(bad_pages(at, 2 * PAGE, 1) == 0 && bad_pages(at + 5 * PAGE, bytes - 5 * PAGE, 2) == 0,
           "around them");
    bites("under pressure", at + 4 * PAGE);
    return verdict();
}
