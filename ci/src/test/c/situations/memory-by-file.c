/* Memory read and written by /proc/PID/mem and process_vm_readv, as debuggers and crash handlers do:
 * pages that are away included, of the process itself and of its child. */
#include "situation.h"
#include <sys/uio.h>

static const size_t bytes = 64 * PAGE;
static char copy[64 * PAGE];

static void by_file(const char *who, int file, char *at) {
    ssize_t got = pread(file, copy, bytes, (off_t)(uintptr_t)at);
    EXPECT(got == (ssize_t)bytes && bad_pages(copy, bytes, 1) == 0, "%s: pread %zd", who, got);
    struct iovec parts[2] = {{copy, PAGE}, {copy + PAGE, 3 * PAGE}};
    got = preadv(file, parts, 2, (off_t)(uintptr_t)at);
    EXPECT(got == (ssize_t)(4 * PAGE) && bad_pages(copy, 4 * PAGE, 1) == 0, "%s: preadv", who);
    CHECK(lseek(file, (off_t)(uintptr_t)(at + 8 * PAGE), SEEK_SET) >= 0);
    got = read(file, copy, PAGE);
    EXPECT(got == (ssize_t)PAGE && page_is(copy, 8, 1), "%s: read %zd", who, got);
}

int main(void) {
    char *at = map_filled(bytes, 1), *never = map_anon(4 * PAGE);
    int own = open("/proc/self/mem", O_RDWR);
    CHECK(own >= 0);
    pressure();
    by_file("own", own, at);
    EXPECT(pread(own, copy, PAGE, (off_t)(uintptr_t)never) == (ssize_t)PAGE && page_is_zero(copy),
           "a page that was never touched");
    pressure();
    EXPECT(pwrite(own, "written", 7, (off_t)(uintptr_t)(at + 20 * PAGE)) == 7, "pwrite");
    EXPECT(memcmp(at + 20 * PAGE, "written", 7) == 0, "what was written");
    EXPECT(memcmp(at + 20 * PAGE + 8, (char *)(uint64_t[]){mix(20 * 1024 + 1 + (1ULL << 40))}, 8) == 0,
           "what is beside it");
    fill(at, bytes, 1);
    CHECK(mprotect(at, PAGE, PROT_READ) == 0);
    EXPECT(pwrite(own, "forced!", 7, (off_t)(uintptr_t)at) == 7 && memcmp(at, "forced!", 7) == 0,
           "written although it is read only");
    CHECK(mprotect(at, PAGE, READ_WRITE) == 0);
    fill(at, bytes, 1);

    int ready[2];
    char byte, path[64];
    CHECK(pipe(ready) == 0);
    pid_t child = fork();
    if (child == 0) {
        CHECK(write(ready[1], "x", 1) == 1);
        for (;;) {
            pause();
        }
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    fill(at, bytes, 2);
    pressure();
    struct iovec here = {copy, bytes}, there = {at, bytes};
    EXPECT(process_vm_readv(child, &here, 1, &there, 1, 0) == (ssize_t)bytes &&
               bad_pages(copy, bytes, 1) == 0,
           "process_vm_readv of a child");
    memset(copy, 7, PAGE);
    here.iov_len = there.iov_len = PAGE;
    EXPECT(process_vm_writev(child, &here, 1, &there, 1, 0) == (ssize_t)PAGE, "process_vm_writev");
    fill_page(copy, 0, 1);
    EXPECT(process_vm_writev(child, &here, 1, &there, 1, 0) == (ssize_t)PAGE, "process_vm_writev");
    pressure();
    snprintf(path, sizeof path, "/proc/%d/mem", child);
    int theirs = open(path, O_RDWR);
    CHECK(theirs >= 0);
    by_file("a child's", theirs, at);
    kill(child, SIGKILL);
    EXPECT(ended(child) == 1000 + SIGKILL, "the child");
    EXPECT(bad_pages(at, bytes, 2) == 0, "own memory");
    return verdict();
}
