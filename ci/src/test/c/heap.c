/* brk grows and shrinks, its pages come back as zeros; malloc and free of many sizes with content. */
#include "check.h"

static void by_brk(void) {
    char *base = sbrk(0);
    base = (char *)(((uintptr_t)base + PAGE - 1) & ~(PAGE - 1));
    size_t bytes = 12 * MIB;
    for (int round = 0; round < 3; round++) {
        CHECK(brk(base + bytes) == 0);
        for (size_t p = 0; p < bytes / PAGE; p += 11) {
            CHECK(page_is_zero(base + p * PAGE));
        }
        fill(base, bytes, 5 + (uint64_t)round);
        pressure();
        CHECK(brk(base + bytes / 3) == 0);
        CHECK(bad_pages(base, bytes / 3 / PAGE * PAGE, 5 + (uint64_t)round) == 0);
        CHECK(brk(base + bytes) == 0);
        size_t kept = (bytes / 3 + PAGE - 1) / PAGE;
        for (size_t p = kept; p < bytes / PAGE; p++) {
            CHECK(page_is_zero(base + p * PAGE));
        }
        CHECK(brk(base) == 0);
        pressure();
    }
}

static void by_malloc(void) {
    enum { COUNT = 20000 };
    static unsigned char *at[COUNT];
    static unsigned size[COUNT];
    uint64_t seed = 42, sum = 0;
    for (int step = 0; step < 4 * COUNT; step++) {
        seed = mix(seed + (uint64_t)step);
        unsigned i = (unsigned)(seed % COUNT);
        if (at[i] != NULL) {
            for (unsigned b = 0; b < size[i]; b += 97) {
                CHECK(at[i][b] == (unsigned char)(i + b));
                sum += at[i][b];
            }
            free(at[i]);
        }
        size[i] = 16 + (unsigned)((seed >> 32) % 4000);
        at[i] = malloc(size[i]);
        CHECK(at[i] != NULL);
        for (unsigned b = 0; b < size[i]; b++) {
            at[i][b] = (unsigned char)(i + b);
        }
    }
    printf("heap ok %016llx\n", (unsigned long long)sum);
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    by_brk();
    by_malloc();
    return 0;
}
