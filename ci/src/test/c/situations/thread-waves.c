/* Waves of short threads, each with a stack of its own size, memory, and a word of its own, created
 * by several threads at once; memory is whole and all are joined. */
#include "situation.h"

enum { MAKERS = 3, WAVES = 12, THREADS = 16 };
static atomic_long done, bad;

static void *short_thread(void *argument) {
    uint64_t tag = (uint64_t)(uintptr_t)argument;
    static _Thread_local uint64_t own;
    own = tag;
    char *at = malloc(40000);
    memset(at, (int)tag, 40000);
    char room[4096];
    memset(room, (int)tag, sizeof room);
    sched_yield();
    bad += own != tag || at[39999] != (char)tag || room[4095] != (char)tag;
    free(at);
    done++;
    return argument;
}

static void *maker(void *argument) {
    for (int wave = 0; wave < WAVES; wave++) {
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++) {
            pthread_attr_t attributes;
            CHECK(pthread_attr_init(&attributes) == 0);
            CHECK(pthread_attr_setstacksize(&attributes, (size_t)(16 + 16 * (i % 8)) * PAGE) == 0);
            CHECK(pthread_create(&threads[i], &attributes, short_thread,
                                 (void *)(uintptr_t)(wave * THREADS + i)) == 0);
            CHECK(pthread_attr_destroy(&attributes) == 0);
        }
        for (int i = 0; i < THREADS; i++) {
            void *answer;
            CHECK(pthread_join(threads[i], &answer) == 0);
            bad += answer != (void *)(uintptr_t)(wave * THREADS + i);
        }
    }
    return argument;
}

int main(void) {
    char *memory = map_filled(2 * MIB, 1);
    pthread_t makers[MAKERS];
    for (int i = 0; i < MAKERS; i++) {
        CHECK(pthread_create(&makers[i], NULL, maker, NULL) == 0);
    }
    pressure();
    for (int i = 0; i < MAKERS; i++) {
        CHECK(pthread_join(makers[i], NULL) == 0);
    }
    printf("%ld threads, %ld bad\n", done, bad);
    printf("threads left: %ld\n", status_number("Threads:"));
    EXPECT(bad_pages(memory, 2 * MIB, 1) == 0, "memory");
    return verdict();
}
