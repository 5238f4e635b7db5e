/* What programs do with their mappings: mremap that grows, shrinks and moves with content, MADV
 * DONTNEED and FREE, MAP_FIXED overlays, partial unmaps, and adjacent mappings. */
#include "check.h"

static void remap_grow(void) {
    size_t small = 6 * MIB, large = 20 * MIB;
    char *at = map_anon(small);
    fill(at, small, 11);
    pressure();
    char *moved = mremap(at, small, large, MREMAP_MAYMOVE);
    CHECK(moved != MAP_FAILED);
    CHECK(bad_pages(moved, small, 11) == 0);
    for (size_t p = small / PAGE; p < large / PAGE; p += 37) {
        CHECK(page_is_zero(moved + p * PAGE));
    }
    fill(moved, large, 12);
    pressure();
    char *fence = map_anon(PAGE);
    fence[0] = 1;
    char *target = map_anon(large);
    fill(target, 4 * MIB, 99);
    char *fixed = mremap(moved, large, large, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    CHECK(fixed == target);
    CHECK(bad_pages(fixed, large, 12) == 0);
    pressure();
    char *shrunk = mremap(fixed, large, small, 0);
    CHECK(shrunk == fixed);
    CHECK(bad_pages(shrunk, small, 12) == 0);
    char *again = mremap(shrunk, small, large, MREMAP_MAYMOVE);
    CHECK(again != MAP_FAILED && bad_pages(again, small, 12) == 0);
    for (size_t p = small / PAGE; p < large / PAGE; p += 41) {
        CHECK(page_is_zero(again + p * PAGE));
    }
    CHECK(munmap(again, large) == 0);
    CHECK(munmap(fence, PAGE) == 0);
}

/* A vector that grows by realloc, which mremaps once it is large. */
static void grow_by_realloc(void) {
    uint64_t *all = NULL;
    size_t length = 0;
    for (size_t target = 1024; target <= 2 * MIB; target *= 2) {
        all = realloc(all, target * sizeof *all);
        CHECK(all != NULL);
        for (; length < target; length++) {
            all[length] = mix(length);
        }
    }
    for (size_t i = 0; i < length; i++) {
        CHECK(all[i] == mix(i));
    }
    free(all);
}

static void dontneed_and_free(void) {
    size_t bytes = 8 * MIB;
    char *at = map_anon(bytes);
    for (int round = 0; round < 3; round++) {
        fill(at, bytes, 20 + (uint64_t)round);
        if (round != 1) {
            pressure();
        }
        CHECK(madvise(at + bytes / 4, bytes / 2, MADV_DONTNEED) == 0);
        for (size_t p = 0; p < bytes / PAGE; p++) {
            int kept = p * PAGE < bytes / 4 || p * PAGE >= 3 * bytes / 4;
            CHECK(kept ? page_is(at + p * PAGE, p, 20 + (uint64_t)round)
                       : page_is_zero(at + p * PAGE));
        }
    }
    fill(at, bytes, 30);
    pressure();
    CHECK(madvise(at, bytes / 2, MADV_FREE) == 0);
    pressure();
    for (size_t p = 0; p < bytes / PAGE; p++) {
        int free_to_go = p * PAGE < bytes / 2;
        CHECK(page_is(at + p * PAGE, p, 30) || (free_to_go && page_is_zero(at + p * PAGE)));
    }
    fill(at, bytes, 31);
    pressure();
    CHECK(bad_pages(at, bytes, 31) == 0);
    CHECK(munmap(at, bytes) == 0);
}

static void overlay(void) {
    size_t bytes = 8 * MIB;
    char *at = map_anon(bytes);
    fill(at, bytes, 40);
    pressure();
    char *middle = mmap(at + bytes / 4, bytes / 4, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(middle == at + bytes / 4);
    CHECK(munmap(at + bytes / 2, bytes / 4) == 0);
    char *taken = mmap(at + bytes / 2, bytes / 4, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(taken == at + bytes / 2);
    for (size_t p = 0; p < bytes / PAGE; p++) {
        size_t offset = p * PAGE;
        int fresh = offset >= bytes / 4 && offset < 3 * bytes / 4;
        CHECK(fresh ? page_is_zero(at + offset) : page_is(at + offset, p, 40));
    }
    CHECK(mmap(at, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0)
          == MAP_FAILED && errno == EEXIST);
    CHECK(munmap(at, bytes) == 0);
    CHECK(munmap(at, bytes) == 0);
    errno = 0;
    CHECK(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
          && errno == EINVAL);
    CHECK(munmap(at + 1, PAGE) == -1 && errno == EINVAL);
    CHECK(madvise(at, PAGE, MADV_DONTNEED) == -1 && errno == ENOMEM);
    CHECK(mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT);
}

/* Thousands of small mappings, adjacent and apart, some unmapped again. */
static void many_mappings(void) {
    enum { COUNT = 1500 };
    static char *at[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        at[i] = map_anon(3 * PAGE);
        fill(at[i], 3 * PAGE, 1000 + i);
    }
    for (size_t i = 0; i < COUNT; i += 3) {
        CHECK(munmap(at[i], 3 * PAGE) == 0);
        at[i] = NULL;
    }
    pressure();
    for (size_t i = 0; i < COUNT; i++) {
        if (at[i] != NULL) {
            CHECK(bad_pages(at[i], 3 * PAGE, 1000 + i) == 0);
            CHECK(munmap(at[i], 3 * PAGE) == 0);
        }
    }
}

int main(void) {
    remap_grow();
    grow_by_realloc();
    dontneed_and_free();
    overlay();
    many_mappings();
    printf("mapping ok\n");
    return 0;
}
