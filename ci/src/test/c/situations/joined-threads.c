/* Threads that sleep until their stacks are away, and are joined then; detached ones that end then. */
#include "situation.h"

enum { THREADS = 24 };
static atomic_int end, ended_ones;

static void *sleeper(void *argument) {
    char room[8192];
    memset(room, (int)(uintptr_t)argument, sizeof room);
    while (!end) {
        nap(50000);
    }
    int whole = 1;
    for (size_t i = 0; i < sizeof room; i++) {
        whole &= room[i] == (char)(uintptr_t)argument;
    }
    ended_ones++;
    return (void *)(uintptr_t)(whole ? 1000 + (uintptr_t)argument : 0);
}

int main(void) {
    for (int round = 0; round < 3; round++) {
        pthread_t threads[THREADS];
        end = 0;
        ended_ones = 0;
        for (int i = 0; i < THREADS; i++) {
            CHECK(pthread_create(&threads[i], NULL, sleeper, (void *)(uintptr_t)i) == 0);
        }
        for (int i = 0; i < THREADS; i += 4) {
            CHECK(pthread_detach(threads[i]) == 0);
        }
        pressure();
        end = 1;
        for (int i = 0; i < THREADS; i++) {
            void *answer;
            if (i % 4 != 0) {
                struct timespec deadline;
                clock_gettime(CLOCK_REALTIME, &deadline);
                deadline.tv_sec += 20;
                EXPECT(pthread_timedjoin_np(threads[i], &answer, &deadline) == 0 &&
                           answer == (void *)(uintptr_t)(1000 + i),
                       "thread %d of round %d", i, round);
            }
        }
        while (ended_ones < THREADS) {
            nap(1000);
        }
        printf("round %d: %d threads ended\n", round, ended_ones);
    }
    return verdict();
}
