/* N threads alive at the same time (N = first argument), each with its own stack pages and its own
 * slice of a shared range; then a program whose main thread leaves before the others. */
#include "check.h"
#include <pthread.h>

static char *shared;
static long threads;
static pthread_barrier_t all_alive;
static uint64_t total;
static pthread_mutex_t total_lock = PTHREAD_MUTEX_INITIALIZER;

enum { SLICE_PAGES = 8 };

static void *work(void *argument) {
    uintptr_t me = (uintptr_t)argument;
    volatile char frame[6 * PAGE];
    for (size_t i = 0; i < sizeof frame; i += 512) {
        frame[i] = (char)(me + i);
    }
    char *slice = shared + me * SLICE_PAGES * PAGE;
    fill(slice, SLICE_PAGES * PAGE, me);
    pthread_barrier_wait(&all_alive);
    /* Read the neighbour's slice: written by another thread, evicted since. */
    uintptr_t other = (me + 1) % (uintptr_t)threads;
    CHECK(bad_pages(shared + other * SLICE_PAGES * PAGE, SLICE_PAGES * PAGE, other) == 0);
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof frame; i += 512) {
        CHECK(frame[i] == (char)(me + i));
        sum += (unsigned char)frame[i];
    }
    pthread_mutex_lock(&total_lock);
    total += sum;
    pthread_mutex_unlock(&total_lock);
    return NULL;
}

static void *outlive(void *argument) {
    pthread_t *main_thread = argument;
    CHECK(pthread_join(*main_thread, NULL) == 0);
    pressure();
    for (long i = 0; i < threads; i++) {
        CHECK(bad_pages(shared + (size_t)i * SLICE_PAGES * PAGE, SLICE_PAGES * PAGE, (uint64_t)i) == 0);
    }
    printf("threadstorm ok %ld %llu\n", threads, (unsigned long long)total);
    exit(0);
}

int main(int argc, char **argv) {
    threads = argc > 1 ? strtol(argv[1], NULL, 10) : 64;
    shared = map_anon((size_t)threads * SLICE_PAGES * PAGE);
    pthread_t *ids = calloc((size_t)threads, sizeof *ids);
    CHECK(ids != NULL && pthread_barrier_init(&all_alive, NULL, (unsigned)threads) == 0);
    pthread_attr_t attributes;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, 256 * 1024) == 0);
    for (long i = 0; i < threads; i++) {
        int rc = pthread_create(&ids[i], &attributes, work, (void *)i);
        if (rc != 0) {
            errno = rc;
            CHECK(rc == 0);
        }
    }
    for (long i = 0; i < threads; i++) {
        CHECK(pthread_join(ids[i], NULL) == 0);
    }
    static pthread_t self;
    self = pthread_self();
    pthread_t last;
    CHECK(pthread_create(&last, NULL, outlive, &self) == 0);
    pthread_exit(NULL);
}
