/* io_uring of every kind: what setup tells, a write and a read through it, who may submit; what a ring
 * frees by madvise is gone, or it refuses, but never does old content come back. */
#include "situation.h"
#include <linux/io_uring.h>

#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif
#ifndef EBADFD
#define EBADFD 77
#endif

struct ring {
    int fd;
    char *queue, *done;
    struct io_uring_sqe *entries;
    struct io_uring_params params;
};

static const size_t bytes = 64 * PAGE;
static const struct io_uring_sqe nothing = {.opcode = IORING_OP_NOP};

/* The parameters lie in memory that is away when the kernel reads and writes them. */
static int set_up(unsigned entries, unsigned flags, struct io_uring_params *params) {
    struct io_uring_params *away = (struct io_uring_params *)map_anon(PAGE);
    *away = (struct io_uring_params){.flags = flags, .cq_entries = 64, .sq_thread_idle = 10};
    pressure();
    int fd = (int)syscall(SYS_io_uring_setup, entries, away);
    int error = errno;
    *params = *away;
    munmap(away, PAGE);
    errno = error;
    return fd;
}

static int open_ring(struct ring *ring, unsigned flags) {
    ring->fd = set_up(8, flags, &ring->params);
    if (ring->fd < 0) {
        return -errno;
    }
    struct io_uring_params *p = &ring->params;
    ring->queue = mmap(NULL, p->sq_off.array + p->sq_entries * sizeof(unsigned), READ_WRITE, MAP_SHARED,
                       ring->fd, IORING_OFF_SQ_RING);
    ring->done = mmap(NULL, p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe), READ_WRITE,
                      MAP_SHARED, ring->fd, IORING_OFF_CQ_RING);
    ring->entries = mmap(NULL, p->sq_entries * sizeof *ring->entries, READ_WRITE, MAP_SHARED, ring->fd,
                         IORING_OFF_SQES);
    CHECK(ring->queue != MAP_FAILED && ring->done != MAP_FAILED &&
          (void *)ring->entries != MAP_FAILED);
    return 0;
}

/* Carries out one operation; its result. */
static int run(struct ring *ring, struct io_uring_sqe entry) {
    struct io_uring_params *p = &ring->params;
    unsigned *tail = (unsigned *)(ring->queue + p->sq_off.tail);
    unsigned *head = (unsigned *)(ring->done + p->cq_off.head);
    unsigned slot = *tail & *(unsigned *)(ring->queue + p->sq_off.ring_mask);
    ring->entries[slot] = entry;
    ((unsigned *)(ring->queue + p->sq_off.array))[slot] = slot;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    unsigned flags = IORING_ENTER_GETEVENTS;
    if (p->flags & IORING_SETUP_SQPOLL) {
        flags |= IORING_ENTER_SQ_WAKEUP;
    }
    while (__atomic_load_n((unsigned *)(ring->done + p->cq_off.tail), __ATOMIC_ACQUIRE) == *head) {
        long answer = syscall(SYS_io_uring_enter, ring->fd, 1, 1, flags, NULL, 0);
        if (answer < 0 && errno != EINTR) {
            return -1000 - errno;
        }
    }
    struct io_uring_cqe *results = (struct io_uring_cqe *)(ring->done + p->cq_off.cqes);
    int result = results[*head & *(unsigned *)(ring->done + p->cq_off.ring_mask)].res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return result;
}

static struct io_uring_sqe transfer(int opcode, int file, char *at) {
    return (struct io_uring_sqe){
        .opcode = (uint8_t)opcode, .fd = file, .addr = (uint64_t)(uintptr_t)at, .len = bytes};
}

static void use(struct ring *ring, const char *name) {
    int file = (int)syscall(SYS_memfd_create, "ring", 0);
    char *from = map_filled(bytes, 3), *to = map_filled(bytes, 4);
    pressure();
    int written = run(ring, transfer(IORING_OP_WRITE, file, from));
    int got = run(ring, transfer(IORING_OP_READ, file, to));
    printf("%s: %d written, %d read, nothing: %d\n", name, written, got, run(ring, nothing));
    EXPECT(bad_pages(to, bytes, 3) == 0, "%s: what was read", name);
    pressure();
    struct io_uring_sqe drop = {.opcode = IORING_OP_MADVISE,
                                .addr = (uint64_t)(uintptr_t)to,
                                .len = 16 * PAGE,
                                .fadvise_advice = MADV_DONTNEED};
    int dropped = run(ring, drop);
    EXPECT(dropped == 0 ? pages_not_zero(to, 16 * PAGE) == 0 : bad_pages(to, bytes, 3) == 0,
           "%s: after madvise, which answered %d", name, dropped);
    EXPECT(page_is(to + 16 * PAGE, 16, 3), "%s: beside it", name);
    munmap(from, bytes);
    munmap(to, bytes);
    close(file);
}

static void *submit_elsewhere(void *argument) {
    printf("another thread: %d\n", run(argument, nothing));
    return NULL;
}

static void kinds(void) {
    static const struct {
        const char *name;
        unsigned flags;
    } kinds[] = {{"plain", 0},
                 {"sized", IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP},
                 {"polled", IORING_SETUP_SQPOLL},
                 {"single", IORING_SETUP_SINGLE_ISSUER},
                 {"deferred", IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN},
                 {"disabled", IORING_SETUP_R_DISABLED},
                 {"disabled, single", IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct ring ring;
        int error = open_ring(&ring, kinds[i].flags);
        printf("%s: %d, flags %x, %u and %u entries, features %x\n", kinds[i].name, error,
               ring.params.flags, ring.params.sq_entries, ring.params.cq_entries,
               ring.params.features);
        if (error != 0) {
            continue;
        }
        if (kinds[i].flags & IORING_SETUP_R_DISABLED) {
            printf("not yet: %d\n", run(&ring, nothing));
            *(unsigned *)(ring.queue + ring.params.sq_off.tail) = 0;
            CHECK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0) == 0);
        }
        REFUSED(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0), EBADFD);
        use(&ring, kinds[i].name);
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, submit_elsewhere, &ring) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
        EXPECT(fcntl(ring.fd, F_GETFD) == FD_CLOEXEC, "its descriptor");
        close(ring.fd);
    }
}

static void refusals(void) {
    struct io_uring_params params;
    EXPECT(set_up(0, 0, &params) == -1 && errno == EINVAL, "no entries");
    EXPECT(set_up(1, 1U << 31, &params) == -1 && errno == EINVAL, "unknown flags");
    REFUSED(syscall(SYS_io_uring_setup, 1, 16), EFAULT);
    REFUSED(syscall(SYS_io_uring_register, 999, IORING_REGISTER_ENABLE_RINGS, NULL, 0), EBADF);
}

/* A program that restricts its ring itself gets what it asked for. */
static void own_restrictions(void) {
    struct ring ring;
    CHECK(open_ring(&ring, IORING_SETUP_R_DISABLED) == 0);
    struct io_uring_restriction only = {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_NOP};
    EXPECT(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_RESTRICTIONS, &only, 1) == 0,
           "own restrictions");
    EXPECT(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0) == 0,
           "enabled");
    int did = run(&ring, nothing);
    printf("restricted: nothing %d, read %d\n", did,
           run(&ring, transfer(IORING_OP_READ, 0, (char *)&only)));
    close(ring.fd);
}

static int in_a_child(void *argument) {
    (void)argument;
    struct ring ring;
    CHECK(open_ring(&ring, 0) == 0);
    use(&ring, "of a child");
    return surprises != 0;
}

int main(void) {
    struct io_uring_params params;
    int first = set_up(1, 0, &params);
    if (first < 0) {
        printf("skipped: io_uring_setup: %s\n", strerror(errno));
        return SKIPPED;
    }
    close(first);
    kinds();
    refusals();
    own_restrictions();
    EXPECT(in_child(in_a_child, NULL) == 0, "a child");
    return verdict();
}
