/* Futexes, mutexes and condition variables that lie in evicted pages: each slot of a ring has a page
 * of its own, and the ring is larger than the cache. */
#include "check.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>

enum { SLOTS = 2048, ITEMS = 6000, WORKERS = 4 };

struct slot {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int full;
    uint64_t value;
    char rest[4 * PAGE - sizeof(pthread_mutex_t) - sizeof(pthread_cond_t) - 2 * sizeof(uint64_t)];
};

static struct slot *ring;
static uint64_t sums[WORKERS];

static void *produce(void *unused) {
    (void)unused;
    for (uint64_t i = 0; i < ITEMS; i++) {
        struct slot *s = &ring[i % SLOTS];
        pthread_mutex_lock(&s->lock);
        while (s->full) {
            pthread_cond_wait(&s->changed, &s->lock);
        }
        s->value = mix(i);
        s->full = 1;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

static void *consume(void *argument) {
    uintptr_t me = (uintptr_t)argument;
    for (uint64_t i = me; i < ITEMS; i += WORKERS) {
        struct slot *s = &ring[i % SLOTS];
        pthread_mutex_lock(&s->lock);
        /* The item of this turn; another consumer takes the one of an earlier turn of the slot. */
        while (!s->full || s->value != mix(i)) {
            pthread_cond_wait(&s->changed, &s->lock);
        }
        sums[me] += s->value;
        s->full = 0;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

static int *ping;

static void *pong(void *unused) {
    (void)unused;
    for (int turn = 1; turn < 4000; turn += 2) {
        while (__atomic_load_n(ping, __ATOMIC_ACQUIRE) != turn) {
            syscall(SYS_futex, ping, FUTEX_WAIT_PRIVATE, turn - 1, NULL, NULL, 0);
        }
        if (turn % 1001 == 0) {
            pressure();
        }
        __atomic_store_n(ping, turn + 1, __ATOMIC_RELEASE);
        syscall(SYS_futex, ping, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
    return NULL;
}

int main(void) {
    ring = (struct slot *)map_anon(sizeof *ring * SLOTS);
    for (int i = 0; i < SLOTS; i++) {
        CHECK(pthread_mutex_init(&ring[i].lock, NULL) == 0);
        CHECK(pthread_cond_init(&ring[i].changed, NULL) == 0);
        memset(ring[i].rest, i, sizeof ring[i].rest);
    }
    pthread_t producer, consumers[WORKERS];
    for (uintptr_t c = 0; c < WORKERS; c++) {
        CHECK(pthread_create(&consumers[c], NULL, consume, (void *)c) == 0);
    }
    CHECK(pthread_create(&producer, NULL, produce, NULL) == 0);
    CHECK(pthread_join(producer, NULL) == 0);
    uint64_t sum = 0;
    for (int c = 0; c < WORKERS; c++) {
        CHECK(pthread_join(consumers[c], NULL) == 0);
        sum += sums[c];
    }
    for (int i = 0; i < SLOTS; i++) {
        CHECK((unsigned char)ring[i].rest[3 * PAGE] == (unsigned char)i);
    }
    ping = (int *)map_anon(PAGE);
    pthread_t other;
    CHECK(pthread_create(&other, NULL, pong, NULL) == 0);
    for (int turn = 0; turn < 4000; turn += 2) {
        while (__atomic_load_n(ping, __ATOMIC_ACQUIRE) != turn) {
            syscall(SYS_futex, ping, FUTEX_WAIT_PRIVATE, turn - 1, NULL, NULL, 0);
        }
        if (turn % 1000 == 0) {
            pressure();
        }
        __atomic_store_n(ping, turn + 1, __ATOMIC_RELEASE);
        syscall(SYS_futex, ping, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
    CHECK(pthread_join(other, NULL) == 0);
    printf("sync ok %016llx\n", (unsigned long long)sum);
    return 0;
}
