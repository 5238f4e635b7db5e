/* Files in the working directory, from and to memory that is evicted all the time: written, synced,
 * mapped while other threads map and unmap memory, read past the page cache, renamed, removed while
 * open. What is left behind is checked by whoever started this. */
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

enum { FILE_MIB = 12, THREADS = 2, ROUNDS = 6 };
static volatile int done;

static void *churn(void *unused) {
    (void)unused;
    while (!done) {
        char *at = map_anon(MIB);
        fill(at, MIB, 5);
        CHECK(bad_pages(at, MIB, 5) == 0);
        CHECK(munmap(at, MIB) == 0);
    }
    return NULL;
}

static int create(const char *name, int flags) {
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | flags, 0640);
    CHECK(fd >= 0);
    return fd;
}

static void write_all(int fd, const char *from, size_t bytes, size_t piece) {
    for (size_t at = 0; at < bytes; at += piece) {
        CHECK(pwrite(fd, from + at, piece, (off_t)at) == (ssize_t)piece);
    }
}

static void read_back(const char *name, int flags, size_t bytes, size_t piece, uint64_t tag) {
    int fd = open(name, O_RDONLY | flags);
    CHECK(fd >= 0);
    char *into = map_anon(bytes);
    for (size_t at = 0; at < bytes; at += piece) {
        CHECK(pread(fd, into + at, piece, (off_t)at) == (ssize_t)piece);
    }
    CHECK(bad_pages(into, bytes, tag) == 0);
    CHECK(munmap(into, bytes) == 0 && close(fd) == 0);
}

static void written(const char *memory, size_t bytes) {
    int fd = create("written", 0);
    write_all(fd, memory, bytes, MIB);
    CHECK(fsync(fd) == 0 && close(fd) == 0);
    read_back("written", 0, bytes, 64 * 1024, 1);
    read_back("written", O_DIRECT, bytes, MIB, 1);
    fd = create("direct", O_DIRECT);
    write_all(fd, memory, bytes, MIB);
    CHECK(fdatasync(fd) == 0 && close(fd) == 0);
    read_back("direct", 0, bytes, MIB, 1);
}

static void mapped(size_t bytes) {
    int fd = create("mapped", 0);
    CHECK(ftruncate(fd, (off_t)bytes) == 0);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        CHECK(at != MAP_FAILED);
        fill(at, bytes, round);
        CHECK(round % 2 == 0 || msync(at, bytes, MS_SYNC) == 0);
        CHECK(munmap(at, bytes) == 0);
        read_back("mapped", O_DIRECT, bytes, MIB, round);
    }
    CHECK(close(fd) == 0);
}

static void names(const char *memory) {
    struct stat file;
    int fd = create("first", 0);
    write_all(fd, memory, MIB, 4096);
    CHECK(link("first", "second") == 0 && rename("first", "third") == 0);
    CHECK(unlink("third") == 0 && fstat(fd, &file) == 0 && file.st_size == (off_t)MIB);
    CHECK(unlink("second") == 0);
    char *page = map_anon(PAGE);
    CHECK(pread(fd, page, PAGE, (off_t)(7 * PAGE)) == (ssize_t)PAGE && page_is(page, 7, 1));
    CHECK(close(fd) == 0 && access("second", F_OK) != 0);
    CHECK(mkdir("directory", 0750) == 0 && symlink("../written", "directory/link") == 0);
    read_back("directory/link", 0, MIB, MIB, 1);
}

int main(void) {
    size_t bytes = FILE_MIB * MIB;
    char *memory = map_anon(bytes);
    pthread_t churners[THREADS];
    fill(memory, bytes, 1);
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&churners[i], NULL, churn, NULL) == 0);
    }
    written(memory, bytes);
    mapped(bytes);
    names(memory);
    done = 1;
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(churners[i], NULL) == 0);
    }
    CHECK(bad_pages(memory, bytes, 1) == 0);
    printf("volume ok %016llx\n", (unsigned long long)checksum(memory, bytes));
    return 0;
}
