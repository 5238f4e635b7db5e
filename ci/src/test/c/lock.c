/* mlock, munlock, mlockall and MAP_POPULATE, with no more locked than half of a small cache. */
#include "check.h"
#include <sys/resource.h>

int main(void) {
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MEMLOCK, &all);
    size_t bytes = 1 * MIB;
    char *locked = map_anon(bytes);
    fill(locked, bytes, 1);
    pressure();
    CHECK(mlock(locked, bytes) == 0);
    pressure();
    CHECK(bad_pages(locked, bytes, 1) == 0);
    CHECK(munlock(locked, bytes) == 0);

    size_t populated_bytes = 32 * MIB;
    char *populated = mmap(NULL, populated_bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    CHECK(populated != MAP_FAILED);
    for (size_t p = 0; p < populated_bytes / PAGE; p += 3) {
        CHECK(page_is_zero(populated + p * PAGE));
    }
    fill(populated, populated_bytes, 2);
    CHECK(bad_pages(populated, populated_bytes, 2) == 0);

    CHECK(munmap(populated, populated_bytes) == 0);
    CHECK(mlockall(MCL_CURRENT | MCL_FUTURE) == 0);
    size_t later_bytes = MIB / 2;
    char *later = map_anon(later_bytes);
    fill(later, later_bytes, 3);
    CHECK(bad_pages(later, later_bytes, 3) == 0);
    CHECK(munlockall() == 0);
    pressure();
    CHECK(bad_pages(locked, bytes, 1) == 0);
    printf("lock ok\n");
    return 0;
}
