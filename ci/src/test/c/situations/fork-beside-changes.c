/* One thread forks while others map, unmap, move and drop: what did not change is whole in every
 * child, and the others lose nothing. */
#include "situation.h"

static atomic_int stop, lost;
static const size_t bytes = 24 * PAGE;

static void *changer(void *argument) {
    uint64_t tag = (uint64_t)(uintptr_t)argument << 20;
    char *kept = map_filled(bytes, tag);
    while (!stop) {
        tag++;
        char *at = map_filled(bytes, tag);
        char *moved = mremap(at, bytes, 3 * bytes, MREMAP_MAYMOVE);
        CHECK(moved != MAP_FAILED);
        lost += bad_pages(moved, bytes, tag) != 0;
        CHECK(madvise(moved, 4 * PAGE, MADV_DONTNEED) == 0);
        lost += !page_is_zero(moved);
        lost += !page_is(moved + 5 * PAGE, 5, tag);
        CHECK(munmap(moved, 3 * bytes) == 0);
    }
    lost += bad_pages(kept, bytes, (uint64_t)(uintptr_t)argument << 20) != 0;
    return NULL;
}

int main(void) {
    struct work work = {map_filled(MIB, 7), MIB, 7};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_create(&threads[i], NULL, changer, (void *)(uintptr_t)(i + 1)) == 0);
    }
    for (int round = 0; round < 25; round++) {
        int status = in_child(works_with, &work);
        EXPECT(status == 0, "child %d ended with %d", round, status);
        if (round % 5 == 4) {
            pressure();
        }
    }
    stop = 1;
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    EXPECT(lost == 0, "%d pages of the changing threads", lost);
    EXPECT(bad_pages(work.at, MIB, 7) == 0, "the parent's memory");
    return verdict();
}
