/* mlock, mlock2, mlockall, MAP_LOCKED: counted in VmLck, bounded by RLIMIT_MEMLOCK, not inherited by
 * children, not dropped by advice, and resident. */
#include "situation.h"
#include <grp.h>

static const size_t bytes = 64 * PAGE;

static void locked(const char *when) {
    printf("%s: %ld kB locked\n", when, status_number("VmLck:"));
}

static int resident(char *at, size_t length) {
    unsigned char vector[1024];
    CHECK(mincore(at, length, vector) == 0);
    int count = 0;
    for (size_t i = 0; i < length / PAGE; i++) {
        count += vector[i] & 1;
    }
    return count;
}

static int child_has_none(void *argument) {
    char *at = argument;
    return status_number("VmLck:") == 0 && bad_pages(at, bytes, 1) == 0 &&
                   madvise(at, PAGE, MADV_DONTNEED) == 0 && page_is_zero(at)
               ? 0
               : 1;
}

static void one_range(void) {
    char *at = map_filled(bytes, 1);
    pressure();
    EXPECT(mlock(at, bytes) == 0, "mlock");
    locked("mlock");
    EXPECT(resident(at, bytes) == 64, "resident %d", resident(at, bytes));
    pressure();
    EXPECT(resident(at, bytes) == 64, "resident under pressure %d", resident(at, bytes));
    REFUSED(madvise(at, bytes, MADV_DONTNEED), EINVAL);
    REFUSED(madvise(at + PAGE, PAGE, MADV_FREE), EINVAL);
    EXPECT(bad_pages(at, bytes, 1) == 0, "content after refused advice");
    EXPECT(in_child(child_has_none, at) == 0, "a child");
    EXPECT(munlock(at, bytes / 2) == 0, "munlock");
    locked("half unlocked");
    EXPECT(madvise(at, PAGE, MADV_DONTNEED) == 0 && page_is_zero(at), "advice after munlock");
    char *moved = mremap(at + bytes / 2, bytes / 2, bytes, MREMAP_MAYMOVE);
    EXPECT(moved != MAP_FAILED, "mremap of locked memory");
    locked("moved and grown");
    EXPECT(page_is(moved, 32, 1), "moved content");
    CHECK(munmap(moved, bytes) == 0 && munmap(at, bytes / 2) == 0);
    locked("unmapped");
}

static void other_ways(void) {
    char *at = mmap(NULL, bytes, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
    CHECK(at != MAP_FAILED);
    locked("MAP_LOCKED");
    EXPECT(resident(at, bytes) == 64, "MAP_LOCKED is resident");
    CHECK(munmap(at, bytes) == 0);
    at = map_anon(bytes);
    EXPECT(mlock2(at, bytes, MLOCK_ONFAULT) == 0, "mlock2");
    locked("mlock2 on fault");
    EXPECT(resident(at, bytes) == 0, "nothing is resident before the fault");
    fill(at, bytes / 2, 4);
    pressure();
    EXPECT(resident(at, bytes) == 32 && bad_pages(at, bytes / 2, 4) == 0, "what was touched");
    CHECK(munmap(at, bytes) == 0);
    REFUSED(mlock((char *)map_anon(4 * PAGE) + 4 * PAGE - PAGE, (size_t)1 << 46), ENOMEM);
    EXPECT(mlockall(MCL_CURRENT | MCL_FUTURE) == 0, "mlockall");
    long before = status_number("VmLck:");
    at = map_anon(bytes);
    EXPECT(status_number("VmLck:") - before == (long)bytes / 1024, "a mapping after mlockall");
    EXPECT(resident(at, bytes) == 64, "it is resident");
    EXPECT(munlockall() == 0, "munlockall");
    locked("munlockall");
    CHECK(munmap(at, bytes) == 0);
}

static int bounded(void *argument) {
    (void)argument;
    struct rlimit limit = {32 * PAGE, 32 * PAGE};
    CHECK(setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
    CHECK(setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0);
    CHECK(setresuid(65534, 65534, 65534) == 0);
    char *at = map_filled(bytes, 1);
    REFUSED(mlock(at, bytes), ENOMEM);
    EXPECT(mlock(at, 32 * PAGE) == 0, "up to the limit");
    REFUSED(mlock(at + 32 * PAGE, PAGE), ENOMEM);
    EXPECT(mmap(NULL, PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) ==
                   MAP_FAILED &&
               errno == EAGAIN,
           "MAP_LOCKED beyond it");
    EXPECT(munlock(at, bytes) == 0 && mlock(at + 32 * PAGE, PAGE) == 0, "after munlock");
    EXPECT(bad_pages(at, bytes, 1) == 0, "content");
    return surprises != 0;
}

int main(void) {
    one_range();
    if (geteuid() == 0) {
        other_ways();
        EXPECT(in_child(bounded, NULL) == 0, "limits");
    }
    return verdict();
}
