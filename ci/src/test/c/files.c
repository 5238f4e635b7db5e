/* Mappings that are not anonymous stay what they are: private and shared file maps, memfd, shared
 * anonymous memory between processes, and SysV-like sharing by MAP_SHARED after fork. */
#include "check.h"
#include <fcntl.h>
#include <sys/wait.h>

static void shared_anonymous(void) {
    size_t bytes = 8 * MIB;
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(at != MAP_FAILED);
    fill(at, bytes, 1);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(bad_pages(at, bytes, 1) == 0);
        fill(at, bytes, 2);
        pressure();
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(bad_pages(at, bytes, 2) == 0);
    pressure();
    CHECK(bad_pages(at, bytes, 2) == 0);
    CHECK(munmap(at, bytes) == 0);
}

static void memory_file(void) {
    size_t bytes = 4 * MIB;
    int fd = memfd_create("test", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, (off_t)bytes) == 0);
    char *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *twice = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
    char *own = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(shared != MAP_FAILED && twice != MAP_FAILED && own != MAP_FAILED);
    fill(shared, bytes, 3);
    CHECK(bad_pages(twice, bytes, 3) == 0 && bad_pages(own, bytes, 3) == 0);
    fill(own, bytes / 2, 4);
    pressure();
    CHECK(bad_pages(own, bytes / 2, 4) == 0);
    CHECK(bad_pages(shared, bytes, 3) == 0);
    static char page[PAGE];
    CHECK(pread(fd, page, PAGE, 7 * PAGE) == (ssize_t)PAGE && page_is(page, 7, 3));
    CHECK(munmap(shared, bytes) == 0 && munmap(twice, bytes) == 0 && munmap(own, bytes) == 0);
    close(fd);
}

static void plain_file(void) {
    size_t bytes = 8 * MIB;
    int fd = open("files.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    char *content = map_anon(bytes);
    fill(content, bytes, 6);
    pressure();
    CHECK(write(fd, content, bytes) == (ssize_t)bytes);
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    char *back = map_anon(bytes);
    pressure();
    size_t at = 0;
    while (at < bytes) {
        ssize_t n = read(fd, back + at, bytes - at);
        CHECK(n > 0);
        at += (size_t)n;
    }
    CHECK(bad_pages(back, bytes, 6) == 0);
    char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED && bad_pages(map, bytes, 6) == 0);
    fill(map, bytes, 9);
    CHECK(msync(map, bytes, MS_SYNC) == 0);
    CHECK(pread(fd, back, bytes, 0) == (ssize_t)bytes && bad_pages(back, bytes, 9) == 0);

    /* An anonymous range that a file is mapped over, and the other way round. */
    char *over = mmap(content + MIB, MIB, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0);
    CHECK(over == content + MIB);
    pressure();
    for (size_t p = 0; p < bytes / PAGE; p++) {
        int mapped = p * PAGE >= MIB && p * PAGE < 2 * MIB;
        CHECK(mapped ? page_is(content + p * PAGE, p - MIB / PAGE, 9)
                     : page_is(content + p * PAGE, p, 6));
    }
    CHECK(mmap(content + MIB, MIB, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == content + MIB);
    fill(content, bytes, 10);
    pressure();
    CHECK(bad_pages(content, bytes, 10) == 0);
    close(fd);
    unlink("files.data");
}

int main(void) {
    shared_anonymous();
    memory_file();
    plain_file();
    printf("files ok\n");
    return 0;
}
