/* When a thread ends, the kernel clears the word of set_tid_address and marks its robust locks: also
 * where the pages of the word, of the list and of the lock are away by then. */
#include "situation.h"
#include <linux/futex.h>
#include <stddef.h>

struct lock {
    void *next;
    int futex;
};

static char *remote; /* pages that only the kernel touches at the end */
static volatile int *cleared;
static struct lock *locks[3];
static atomic_int ready, end;

/* Ends without a further touch of its stack; waits on a word that stays in the cache. */
static void end_when_told(void) {
    while (!end) {
        struct timespec rest = {0, 2000000};
        __asm__ volatile("syscall" ::"a"(SYS_nanosleep), "D"(&rest), "S"(0) : "rcx", "r11", "memory");
    }
    __asm__ volatile("syscall" ::"a"(SYS_exit), "D"(0) : "rcx", "r11", "memory");
}

static void *thread_body(void *argument) {
    (void)argument;
    int me = (int)syscall(SYS_gettid);
    *cleared = me;
    struct robust_list_head *head = (struct robust_list_head *)(remote + 8 * PAGE);
    head->list_op_pending = NULL;
    head->futex_offset = offsetof(struct lock, futex);
    void **link = (void **)&head->list.next;
    for (int i = 0; i < 3; i++) {
        locks[i] = (struct lock *)(remote + (size_t)(12 + 4 * i) * PAGE);
        locks[i]->futex = me | FUTEX_WAITERS;
        *link = locks[i];
        link = &locks[i]->next;
    }
    *link = head;
    CHECK(syscall(SYS_set_robust_list, head, sizeof *head) == 0);
    syscall(SYS_set_tid_address, cleared);
    ready = 1;
    end_when_told();
    return NULL;
}

static int becomes(volatile int *word, int mask, int value) {
    for (int i = 0; i < 300; i++) {
        if ((*word & mask) == value) {
            return 1;
        }
        nap(10000);
    }
    return 0;
}

int main(void) {
    remote = map_filled(32 * PAGE, 1);
    cleared = (int *)(remote + 4 * PAGE);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, thread_body, NULL) == 0);
    while (!ready) {
        nap(1000);
    }
    pressure();
    pressure();
    end = 1;
    nap(100000);
    EXPECT(becomes(cleared, -1, 0), "the word is cleared");
    for (int i = 0; i < 3; i++) {
        EXPECT(becomes(&locks[i]->futex, FUTEX_OWNER_DIED, FUTEX_OWNER_DIED), "lock %d is marked", i);
    }
    return verdict();
}
