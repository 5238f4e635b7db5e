/* Four threads sort quarters of an array of 64-bit numbers, then it is merged: argument MIB. */
#include "check.h"
#include <pthread.h>

enum { PARTS = 4 };
static uint64_t *all, *merged;
static size_t part_length;

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void *sort_part(void *argument) {
    uintptr_t part = (uintptr_t)argument;
    uint64_t *mine = all + part * part_length;
    for (size_t i = 0; i < part_length; i++) {
        mine[i] = mix(part * part_length + i + 1);
    }
    qsort(mine, part_length, sizeof *mine, by_value);
    return NULL;
}

int main(int argc, char **argv) {
    size_t bytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 64) * MIB;
    part_length = bytes / sizeof *all / PARTS;
    all = malloc(bytes);
    merged = malloc(bytes);
    CHECK(all != NULL && merged != NULL);
    pthread_t threads[PARTS];
    for (uintptr_t i = 0; i < PARTS; i++) {
        CHECK(pthread_create(&threads[i], NULL, sort_part, (void *)i) == 0);
    }
    for (int i = 0; i < PARTS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    size_t at[PARTS] = {0};
    for (size_t i = 0; i < part_length * PARTS; i++) {
        int least = -1;
        for (int p = 0; p < PARTS; p++) {
            if (at[p] < part_length
                && (least < 0 || all[(size_t)p * part_length + at[p]]
                                     < all[(size_t)least * part_length + at[least]])) {
                least = p;
            }
        }
        merged[i] = all[(size_t)least * part_length + at[least]++];
        CHECK(i == 0 || merged[i - 1] <= merged[i]);
    }
    printf("parallel ok %016llx\n", (unsigned long long)checksum(merged, part_length * PARTS * 8));
    return 0;
}
