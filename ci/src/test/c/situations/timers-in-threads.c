/* Every thread has a timer of its own, and a bully sends more signals, while all call for memory:
 * nothing answers EINTR, and nothing is lost. */
#include "situation.h"

enum { THREADS = 3 };
static pthread_t workers[THREADS];
static atomic_int failed, running = THREADS;
static atomic_long ticks;

static void on_signal(int number) {
    (void)number;
    ticks++;
}

static void own_timer(timer_t *timer) {
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 2};
    event._sigev_un._tid = (int)syscall(SYS_gettid);
    CHECK(timer_create(CLOCK_MONOTONIC, &event, timer) == 0);
    struct itimerspec often = {{0, 700000}, {0, 700000}};
    CHECK(timer_settime(*timer, 0, &often, NULL) == 0);
}

static void *work(void *argument) {
    uint64_t me = (uint64_t)(uintptr_t)argument;
    timer_t timer;
    own_timer(&timer);
    double until = seconds() + 1.0;
    for (uint64_t round = 0; seconds() < until && failed < 5; round++) {
        size_t bytes = (8 + round % 23) * PAGE;
        char *at = mmap(NULL, bytes, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED) {
            failed++;
            continue;
        }
        fill(at, bytes, me * 1000 + round);
        char *grown = mremap(at, bytes, 2 * bytes, MREMAP_MAYMOVE);
        if (grown == MAP_FAILED || bad_pages(grown, bytes, me * 1000 + round) != 0 ||
            madvise(grown, bytes, MADV_DONTNEED) != 0 || !page_is_zero(grown) ||
            munmap(grown, 2 * bytes) != 0) {
            failed++;
        }
        char *small = malloc(200000);
        if (small == NULL) {
            failed++;
        }
        free(small);
    }
    CHECK(timer_delete(timer) == 0);
    running--;
    return NULL;
}

int main(void) {
    struct sigaction action = {.sa_handler = on_signal};
    CHECK(sigaction(SIGRTMIN + 2, &action, NULL) == 0);
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&workers[i], NULL, work, (void *)(uintptr_t)(i + 1)) == 0);
    }
    for (int turn = 0; running == THREADS; turn++) {
        pthread_kill(workers[turn % THREADS], SIGUSR1);
        nap(500);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(workers[i], NULL) == 0);
    }
    EXPECT(failed == 0, "%d calls failed", failed);
    printf("the timers have ticked: %s\n", ticks > 100 ? "yes" : "no");
    return verdict();
}
