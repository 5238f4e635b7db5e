/* Memory is given back in ways that are seldom used: process_madvise on oneself (by pidfd and by the
 * constants for oneself) and on a child, shmat over a mapping, io_uring's madvise, and 32-bit calls.
 * Afterwards the pages are zero, or what the new mapping holds. */
#include "situation.h"
#include <linux/io_uring.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/uio.h>

enum { COLD = 20, PAGEOUT = 21, PROCESS_MADVISE = 440 };
static const size_t bytes = 32 * PAGE;

static void drop_by(const char *what, int pidfd) {
    char *at = map_filled(bytes, 1);
    pressure();
    struct iovec parts[2] = {{at, 8 * PAGE}, {at + 16 * PAGE, 8 * PAGE}};
    long answer = syscall(PROCESS_MADVISE, pidfd, parts, 2, MADV_DONTNEED, 0);
    printf("%s: %ld\n", what, answer == -1 ? -errno : answer);
    if (answer == 16 * (long)PAGE) {
        EXPECT(pages_not_zero(at, 8 * PAGE) == 0, "%s: first part", what);
        EXPECT(pages_not_zero(at + 16 * PAGE, 8 * PAGE) == 0, "%s: second part", what);
    }
    EXPECT(page_is(at + 9 * PAGE, 9, 1) && page_is(at + 24 * PAGE, 24, 1), "%s: the rest", what);
    fill(at, bytes, 2);
    pressure();
    struct iovec whole = {at, bytes};
    EXPECT(syscall(PROCESS_MADVISE, pidfd, &whole, 1, PAGEOUT, 0) == (long)bytes, "%s: out", what);
    EXPECT(bad_pages(at, bytes, 2) == 0, "%s: after paging out", what);
    CHECK(munmap(at, bytes) == 0);
}

static void of_a_child(void) {
    int ready[2], go[2];
    char byte;
    CHECK(pipe(ready) == 0 && pipe(go) == 0);
    char *at = map_filled(bytes, 3);
    pid_t child = fork();
    if (child == 0) {
        CHECK(write(ready[1], "x", 1) == 1 && read(go[0], &byte, 1) == 1);
        _exit(bad_pages(at, bytes, 3) == 0 ? 0 : 1);
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    struct iovec whole = {at, bytes};
    EXPECT(syscall(PROCESS_MADVISE, pidfd, &whole, 1, COLD, 0) == (long)bytes, "a child's, cold");
    EXPECT(syscall(PROCESS_MADVISE, pidfd, &whole, 1, PAGEOUT, 0) == (long)bytes, "paged out");
    REFUSED(syscall(PROCESS_MADVISE, pidfd, &whole, 1, MADV_DONTNEED, 0), EINVAL);
    CHECK(write(go[1], "x", 1) == 1);
    EXPECT(ended(child) == 0, "the child's memory");
    close(pidfd);
    CHECK(munmap(at, bytes) == 0);
}

static void shared_over(void) {
    int id = shmget(IPC_PRIVATE, bytes, 0600);
    CHECK(id >= 0);
    char *at = map_filled(3 * bytes, 4);
    pressure();
    EXPECT(shmat(id, at + bytes, 0) == (void *)-1 && errno == EINVAL, "shmat over a mapping");
    EXPECT(bad_pages(at, 3 * bytes, 4) == 0, "content after refused shmat");
    pressure();
    EXPECT(shmat(id, at + bytes, SHM_REMAP) == at + bytes, "shmat that replaces");
    EXPECT(pages_not_zero(at + bytes, bytes) == 0, "the segment");
    EXPECT(page_is(at, 0, 4) && page_is(at + 2 * bytes, 64, 4), "beside it");
    fill(at + bytes, bytes, 5);
    pressure();
    EXPECT(bad_pages(at + bytes, bytes, 5) == 0, "the segment, written");
    CHECK(shmdt(at + bytes) == 0 && shmctl(id, IPC_RMID, NULL) == 0);
    char *again = mmap(at + bytes, bytes, READ_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    EXPECT(again == at + bytes && pages_not_zero(again, bytes) == 0, "private memory in its place");
    CHECK(munmap(at, 3 * bytes) == 0);
}

/* One madvise through a ring; when rings are refused as a whole there is nothing to test. */
static void by_ring(void) {
    struct io_uring_params params = {0};
    int ring = (int)syscall(SYS_io_uring_setup, 4, &params);
    if (ring < 0) {
        return;
    }
    size_t length = params.sq_off.array + params.sq_entries * sizeof(unsigned);
    char *queue = mmap(NULL, length, READ_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    size_t cq_length = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
    char *done = mmap(NULL, cq_length, READ_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
    struct io_uring_sqe *entries = mmap(NULL, params.sq_entries * sizeof *entries, READ_WRITE,
                                        MAP_SHARED, ring, IORING_OFF_SQES);
    CHECK(queue != MAP_FAILED && done != MAP_FAILED && entries != MAP_FAILED);
    char *at = map_filled(bytes, 6);
    pressure();
    entries[0] = (struct io_uring_sqe){.opcode = IORING_OP_MADVISE,
                                       .addr = (uint64_t)(uintptr_t)at,
                                       .len = 16 * PAGE,
                                       .fadvise_advice = MADV_DONTNEED};
    ((unsigned *)(queue + params.sq_off.array))[0] = 0;
    __atomic_store_n((unsigned *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
    EXPECT(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1, "enter");
    struct io_uring_cqe *answer = (struct io_uring_cqe *)(done + params.cq_off.cqes);
    if (answer->res == 0) {
        EXPECT(pages_not_zero(at, 16 * PAGE) == 0, "dropped through a ring");
    } else {
        EXPECT(answer->res == -EINVAL || answer->res == -EACCES, "ring: %d", answer->res);
        EXPECT(bad_pages(at, bytes, 6) == 0, "not dropped, yet changed");
    }
    EXPECT(page_is(at + 20 * PAGE, 20, 6), "the rest");
    close(ring);
}

static long call32(long number, long a, long b, long c) {
    long answer;
    __asm__ volatile("int $0x80"
                     : "=a"(answer)
                     : "a"(number), "b"(a), "c"(b), "d"(c)
                     : "memory", "r8", "r9", "r10", "r11");
    return answer;
}

static int calls32(void *argument) {
    (void)argument;
    char *low = mmap(NULL, bytes, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    CHECK(low != MAP_FAILED);
    fill(low, bytes, 7);
    pressure();
    long answer = call32(219, (long)low, 8 * (long)PAGE, MADV_DONTNEED);
    if (answer == 0) {
        EXPECT(pages_not_zero(low, 8 * PAGE) == 0, "dropped by a 32-bit call");
    }
    pressure();
    EXPECT(call32(91, (long)low + 16 * (long)PAGE, 8 * (long)PAGE, 0) == 0, "32-bit munmap");
    char *again = mmap(low + 16 * PAGE, 8 * PAGE, READ_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    EXPECT(again == low + 16 * PAGE && pages_not_zero(again, 8 * PAGE) == 0, "in its place");
    EXPECT(page_is(low + 30 * PAGE, 30, 7), "the rest");
    printf("32-bit calls: %ld\n", answer);
    return surprises != 0;
}

int main(void) {
    int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    CHECK(self >= 0);
    drop_by("by pidfd", self);
    drop_by("by the constant for the thread", -10000);
    drop_by("by the constant for the process", -10001);
    of_a_child();
    shared_over();
    by_ring();
    EXPECT(in_child(calls32, NULL) == 0, "32-bit calls");
    return verdict();
}
