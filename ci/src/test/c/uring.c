/* io_uring READ into evicted pages and READ_FIXED into registered buffers, which stay pinned while
 * the cache is under pressure. Raw system calls: no library needed. */
#include "check.h"
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { FILE_MIB = 8, ENTRIES = 32, PIECE = 64 * 1024 };

struct ring {
    int fd;
    unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
    struct io_uring_sqe *sqes;
    struct io_uring_cqe *cqes;
};

static void open_ring(struct ring *r) {
    struct io_uring_params p;
    memset(&p, 0, sizeof p);
    r->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &p);
    if (r->fd < 0) {
        printf("skip io_uring_setup: %s\n", strerror(errno));
        exit(77);
    }
    char *sq = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(unsigned), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQ_RING);
    char *cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe),
                    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_CQ_RING);
    r->sqes = mmap(NULL, p.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQES);
    CHECK(sq != MAP_FAILED && cq != MAP_FAILED && (void *)r->sqes != MAP_FAILED);
    r->sq_tail = (unsigned *)(sq + p.sq_off.tail);
    r->sq_mask = (unsigned *)(sq + p.sq_off.ring_mask);
    r->sq_array = (unsigned *)(sq + p.sq_off.array);
    r->cq_head = (unsigned *)(cq + p.cq_off.head);
    r->cq_tail = (unsigned *)(cq + p.cq_off.tail);
    r->cq_mask = (unsigned *)(cq + p.cq_off.ring_mask);
    r->cqes = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
}

static void post(struct ring *r, int opcode, int file, char *to, size_t offset, int buffer) {
    unsigned tail = *r->sq_tail, slot = tail & *r->sq_mask;
    struct io_uring_sqe *e = &r->sqes[slot];
    memset(e, 0, sizeof *e);
    e->opcode = (unsigned char)opcode;
    e->fd = file;
    e->addr = (uint64_t)(uintptr_t)to;
    e->len = PIECE;
    e->off = offset;
    e->buf_index = (unsigned short)buffer;
    e->user_data = offset;
    r->sq_array[slot] = slot;
    __atomic_store_n(r->sq_tail, tail + 1, __ATOMIC_RELEASE);
}

static void finish(struct ring *r, unsigned count) {
    for (unsigned submitted = 0; submitted < count;) {
        long n = syscall(SYS_io_uring_enter, r->fd, count - submitted, 0, 0, NULL, 0);
        CHECK(n > 0 || errno == EINTR);
        submitted += n > 0 ? (unsigned)n : 0;
    }
    unsigned seen = 0;
    while (seen < count) {
        unsigned head = *r->cq_head;
        if (head == __atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE)) {
            long n = syscall(SYS_io_uring_enter, r->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
            CHECK(n >= 0 || errno == EINTR);
            continue;
        }
        CHECK(r->cqes[head & *r->cq_mask].res == PIECE);
        __atomic_store_n(r->cq_head, head + 1, __ATOMIC_RELEASE);
        seen++;
    }
}

static void read_all(struct ring *r, int opcode, int file, char *to, size_t bytes) {
    for (size_t at = 0; at < bytes; at += (size_t)PIECE * ENTRIES / 2) {
        unsigned posted = 0;
        for (size_t in = at; posted < ENTRIES / 2 && in < bytes; in += PIECE, posted++) {
            post(r, opcode, file, to + in, in, 0);
        }
        finish(r, posted);
    }
}

int main(void) {
    size_t bytes = FILE_MIB * MIB;
    char *content = map_anon(bytes);
    fill(content, bytes, 3);
    int fd = open("uring.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && write(fd, content, bytes) == (ssize_t)bytes && fsync(fd) == 0);
    close(fd);
    fd = open("uring.data", O_RDONLY | O_DIRECT);
    CHECK(fd >= 0);
    struct ring ring;
    open_ring(&ring);

    char *plain = map_anon(bytes);
    fill(plain, bytes, 50);
    pressure();
    read_all(&ring, IORING_OP_READ, fd, plain, bytes);
    pressure();
    CHECK(bad_pages(plain, bytes, 3) == 0);

    /* 1 MiB stays registered, and so pinned, over several rounds of pressure. */
    size_t fixed_bytes = 1 * MIB;
    char *fixed = map_anon(fixed_bytes);
    fill(fixed, fixed_bytes, 60);
    pressure();
    struct iovec area = {fixed, fixed_bytes};
    CHECK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &area, 1) == 0);
    CHECK(bad_pages(fixed, fixed_bytes, 60) == 0);
    for (int round = 0; round < 6; round++) {
        fill(fixed, fixed_bytes, 70 + (uint64_t)round);
        pressure();
        read_all(&ring, IORING_OP_READ_FIXED, fd, fixed, fixed_bytes);
        if (round % 2 == 0) {
            pressure();
        }
        CHECK(bad_pages(fixed, fixed_bytes, 3) == 0);
    }
    CHECK(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_BUFFERS, NULL, 0) == 0);
    pressure();
    CHECK(bad_pages(fixed, fixed_bytes, 3) == 0);
    close(ring.fd);
    unlink("uring.data");
    printf("uring ok %016llx\n", (unsigned long long)checksum(plain, bytes));
    return 0;
}
