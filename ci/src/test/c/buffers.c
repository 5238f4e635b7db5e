/* System calls whose buffers are evicted pages: pipes, readv and writev, sockets, getrandom, stat,
 * and addresses that are wrong (EFAULT as natively). */
#include "check.h"
#include <poll.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

static char *source, *sink;
static size_t bytes = 12 * MIB;
static int channel[2];

static void *drain(void *unused) {
    (void)unused;
    size_t at = 0;
    while (at < bytes) {
        struct iovec parts[3];
        size_t piece = bytes - at < 3 * 5000 ? (bytes - at + 2) / 3 : 5000;
        for (int i = 0; i < 3; i++) {
            parts[i].iov_base = sink + at + (size_t)i * piece;
            size_t rest = at + (size_t)i * piece < bytes ? bytes - at - (size_t)i * piece : 0;
            parts[i].iov_len = rest < piece ? rest : piece;
        }
        ssize_t n = readv(channel[0], parts, 3);
        CHECK(n > 0);
        at += (size_t)n;
    }
    return NULL;
}

static void through(void) {
    memset(sink, 0, bytes);
    pressure();
    pthread_t reader;
    CHECK(pthread_create(&reader, NULL, drain, NULL) == 0);
    size_t at = 0;
    while (at < bytes) {
        struct iovec parts[2] = {{source + at, (bytes - at) / 2},
                                 {source + at + (bytes - at) / 2, bytes - at - (bytes - at) / 2}};
        ssize_t n = writev(channel[1], parts, 2);
        CHECK(n > 0);
        at += (size_t)n;
    }
    CHECK(pthread_join(reader, NULL) == 0);
    CHECK(bad_pages(sink, bytes, 14) == 0);
    close(channel[0]);
    close(channel[1]);
}

int main(void) {
    source = map_anon(bytes);
    sink = map_anon(bytes);
    fill(source, bytes, 14);
    CHECK(pipe(channel) == 0);
    through();
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, channel) == 0);
    through();

    pressure();
    char *page = map_anon(64 * PAGE);
    CHECK(getrandom(page, 64 * PAGE, 0) > 0);
    struct stat *where = (struct stat *)(page + PAGE - 8);
    CHECK(stat("/", where) == 0 && S_ISDIR(where->st_mode));
    struct pollfd *polled = (struct pollfd *)(source + 5 * PAGE - 4);
    polled->fd = -1;
    CHECK(poll(polled, 1, 0) == 0);
    char *path = source + 100 * PAGE - 3;
    strcpy(path, "/etc/passwd");
    pressure();
    CHECK(access(path, R_OK) == 0);

    char *volatile nowhere = (char *)8;
    CHECK(pipe(channel) == 0);
    CHECK(write(channel[1], nowhere, 10) == -1 && errno == EFAULT);
    CHECK(write(channel[1], source, 100) == 100);
    CHECK(read(channel[0], nowhere, 10) == -1 && errno == EFAULT);
    CHECK(munmap(page, 64 * PAGE) == 0);
    CHECK(read(channel[0], page, 10) == -1 && errno == EFAULT);
    printf("buffers ok\n");
    return 0;
}
