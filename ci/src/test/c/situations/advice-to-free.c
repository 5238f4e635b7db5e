/* MADV_DONTNEED, FREE, COLD, PAGEOUT, WILLNEED, POPULATE_*, DONTNEED_LOCKED: what is gone is gone,
 * what is not stays, and errors are the kernel's, with holes and without access. */
#include "situation.h"

enum { COLD = 20, PAGEOUT = 21, POPULATE_READ = 22, POPULATE_WRITE = 23, DONTNEED_LOCKED = 24 };
static const size_t bytes = 64 * PAGE;

static void dropped(void) {
    char *at = map_filled(bytes, 1);
    pressure();
    CHECK(mprotect(at, bytes, PROT_NONE) == 0);
    EXPECT(madvise(at, bytes / 2, MADV_DONTNEED) == 0, "without access");
    CHECK(mprotect(at, bytes, READ_WRITE) == 0);
    EXPECT(pages_not_zero(at, bytes / 2) == 0, "dropped without access");
    EXPECT(page_is(at + 40 * PAGE, 40, 1), "not dropped");
    fill(at, bytes, 2);
    CHECK(munmap(at + 20 * PAGE, 2 * PAGE) == 0);
    pressure();
    REFUSED(madvise(at, bytes, MADV_DONTNEED), ENOMEM);
    EXPECT(pages_not_zero(at, 20 * PAGE) == 0 && pages_not_zero(at + 22 * PAGE, 42 * PAGE) == 0,
           "dropped on both sides of a hole");
    fill(at, 20 * PAGE, 3);
    pressure();
    REFUSED(madvise(at + 5, PAGE, MADV_DONTNEED), EINVAL);
    REFUSED(madvise(at, PAGE, 12345), EINVAL);
    EXPECT(madvise(at, 0, MADV_DONTNEED) == 0, "nothing at all");
    EXPECT(madvise(at, PAGE + 1, MADV_DONTNEED) == 0, "a length that is rounded up");
    EXPECT(pages_not_zero(at, 2 * PAGE) == 0 && page_is(at + 2 * PAGE, 2, 3), "two pages");
    EXPECT(madvise(at, 4 * PAGE, DONTNEED_LOCKED) == 0 && page_is_zero(at + 3 * PAGE), "locked");
}

static void kept(void) {
    char *at = map_filled(bytes, 4);
    static const int advice[] = {COLD, PAGEOUT, MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL,
                                 POPULATE_READ, POPULATE_WRITE};
    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++) {
        pressure();
        EXPECT(madvise(at, bytes, advice[i]) == 0, "advice %d", advice[i]);
        EXPECT(bad_pages(at, bytes, 4) == 0, "content after advice %d", advice[i]);
    }
    EXPECT(madvise(at, bytes, MADV_DONTDUMP) == 0 && madvise(at, bytes, MADV_DODUMP) == 0, "dump");
    CHECK(mprotect(at, PAGE, PROT_NONE) == 0);
    REFUSED(madvise(at, bytes, POPULATE_READ), EINVAL);
    CHECK(mprotect(at, PAGE, PROT_READ) == 0);
    REFUSED(madvise(at, bytes, POPULATE_WRITE), EINVAL);
    EXPECT(bad_pages(at, bytes, 4) == 0, "content after refused population");
    char *fresh = map_anon(bytes);
    EXPECT(madvise(fresh, bytes, POPULATE_READ) == 0 && pages_not_zero(fresh, bytes) == 0, "zeros");
    EXPECT(madvise(fresh, bytes, POPULATE_WRITE) == 0 && pages_not_zero(fresh, bytes) == 0, "zeros");
}

static void freed(void) {
    char *at = map_filled(bytes, 5);
    pressure();
    EXPECT(madvise(at, bytes, MADV_FREE) == 0, "free");
    for (size_t i = 0; i < bytes; i += PAGE) {
        at[i] = 'w';
    }
    pressure();
    size_t lost = 0, odd = 0;
    for (size_t page = 0; page < bytes / PAGE; page++) {
        lost += at[page * PAGE] != 'w';
        /* The rest of the page is either as it was or zero. */
        uint64_t last = *(uint64_t *)(at + page * PAGE + PAGE - 8);
        odd += last != 0 && last != mix(page * 1024 + 511 + (5ULL << 40));
    }
    EXPECT(lost == 0, "%zu writes after the advice", lost);
    EXPECT(odd == 0, "%zu pages are neither old nor zero", odd);
    fill(at, bytes, 6);
    EXPECT(madvise(at, bytes, MADV_FREE) == 0, "free again");
    pressure();
    odd = 0;
    for (size_t page = 0; page < bytes / PAGE; page++) {
        odd += !page_is(at + page * PAGE, page, 6) && !page_is_zero(at + page * PAGE);
    }
    EXPECT(odd == 0, "%zu pages are neither whole nor zero", odd);
}

static int drops_its_own(void *at) {
    return madvise(at, bytes, MADV_DONTNEED) == 0 && pages_not_zero(at, bytes) == 0 ? 0 : 1;
}

int main(void) {
    dropped();
    kept();
    freed();
    char *at = map_filled(bytes, 7);
    pressure();
    EXPECT(in_child(drops_its_own, at) == 0, "a child that drops its copy");
    EXPECT(bad_pages(at, bytes, 7) == 0, "its parent's");
    return verdict();
}
