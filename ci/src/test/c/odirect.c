/* O_DIRECT reads into evicted pages, while another thread keeps the cache under pressure: the kernel
 * pins the pages for the time of the read and the pager must not lose what lands in them. */
#include "check.h"
#include <fcntl.h>
#include <pthread.h>

enum { FILE_MIB = 16, ROUNDS = 3 };
static volatile int done;

static void *churn(void *unused) {
    (void)unused;
    while (!done) {
        pressure();
    }
    return NULL;
}

int main(void) {
    size_t bytes = FILE_MIB * MIB;
    char *content = map_anon(bytes);
    fill(content, bytes, 7);
    int fd = open("odirect.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    for (size_t at = 0; at < bytes;) {
        ssize_t n = write(fd, content + at, bytes - at);
        CHECK(n > 0);
        at += (size_t)n;
    }
    CHECK(fsync(fd) == 0);
    close(fd);
    fd = open("odirect.data", O_RDONLY | O_DIRECT);
    CHECK(fd >= 0);
    char *buffer = map_anon(bytes);
    pthread_t churner;
    CHECK(pthread_create(&churner, NULL, churn, NULL) == 0);
    for (int round = 0; round < ROUNDS; round++) {
        fill(buffer, bytes, 1000 + (uint64_t)round);
        size_t piece = (size_t)(round + 1) * 64 * 1024;
        for (size_t at = 0; at < bytes;) {
            size_t want = bytes - at < piece ? bytes - at : piece;
            ssize_t n = pread(fd, buffer + at, want, (off_t)at);
            CHECK(n == (ssize_t)want);
            at += want;
        }
        CHECK(bad_pages(buffer, bytes, 7) == 0);
        CHECK(bad_pages(content, bytes, 7) == 0);
    }
    done = 1;
    CHECK(pthread_join(churner, NULL) == 0);
    CHECK(bad_pages(buffer, bytes, 7) == 0);
    unlink("odirect.data");
    printf("odirect ok %016llx\n", (unsigned long long)checksum(buffer, bytes));
    return 0;
}
