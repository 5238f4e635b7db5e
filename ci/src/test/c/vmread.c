/* A third party reads and writes evicted pages: process_vm_readv/writev by a child, and
 * /proc/PID/mem where the kernel serves it. */
#include "check.h"
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>

int main(void) {
    size_t bytes = 12 * MIB;
    char *at = map_anon(bytes);
    fill(at, bytes, 8);
    pressure();
    pid_t parent = getpid();
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        static char copy[64 * PAGE];
        for (size_t done = 0; done < bytes; done += sizeof copy) {
            struct iovec mine = {copy, sizeof copy}, theirs = {at + done, sizeof copy};
            CHECK(process_vm_readv(parent, &mine, 1, &theirs, 1, 0) == (ssize_t)sizeof copy);
            for (size_t p = 0; p < sizeof copy / PAGE; p++) {
                CHECK(page_is(copy + p * PAGE, done / PAGE + p, 8));
            }
        }
        for (size_t p = 0; p < bytes / PAGE; p += 5) {
            fill_page(copy, p, 88);
            struct iovec mine = {copy, PAGE}, theirs = {at + p * PAGE, PAGE};
            CHECK(process_vm_writev(parent, &mine, 1, &theirs, 1, 0) == (ssize_t)PAGE);
        }
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    pressure();
    for (size_t p = 0; p < bytes / PAGE; p++) {
        CHECK(page_is(at + p * PAGE, p, p % 5 == 0 ? 88 : 8));
    }
    printf("vmread ok\n");
    return 0;
}
