/* The program serves page faults of its own by userfaultfd: missing pages, zero pages, write
 * protection, over fresh memory and over memory that is away. */
#include "situation.h"
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>

static const size_t bytes = 64 * PAGE;
static char *fresh, *used;
static int uffd;
static atomic_int served, protected_ones;

static int open_userfaultfd(void) {
    int file = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
    if (file == -1) {
        file = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
    }
    return file;
}

static void serve(uint64_t address, uint64_t flags) {
    static char page[PAGE] __attribute__((aligned(4096)));
    char *at = (char *)(uintptr_t)(address & ~(PAGE - 1));
    if (flags & UFFD_PAGEFAULT_FLAG_WP) {
        struct uffdio_writeprotect open = {{(uintptr_t)at, PAGE}, 0};
        protected_ones++;
        CHECK(ioctl(uffd, UFFDIO_WRITEPROTECT, &open) == 0);
        return;
    }
    served++;
    size_t number = (size_t)(at - fresh) / PAGE;
    if (number % 4 == 3) {
        struct uffdio_zeropage zero = {{(uintptr_t)at, PAGE}, 0, 0};
        CHECK(ioctl(uffd, UFFDIO_ZEROPAGE, &zero) == 0);
    } else {
        fill_page(page, number, 30);
        struct uffdio_copy copy = {(uintptr_t)at, (uintptr_t)page, PAGE, 0, 0};
        CHECK(ioctl(uffd, UFFDIO_COPY, &copy) == 0);
    }
}

static void *handler(void *argument) {
    struct pollfd wanted = {uffd, POLLIN, 0};
    while (poll(&wanted, 1, -1) == 1) {
        struct uffd_msg message;
        if (read(uffd, &message, sizeof message) != sizeof message) {
            continue;
        }
        CHECK(message.event == UFFD_EVENT_PAGEFAULT);
        serve(message.arg.pagefault.address, message.arg.pagefault.flags);
    }
    return argument;
}

static void register_range(char *at, size_t length, uint64_t mode) {
    struct uffdio_register range = {{(uintptr_t)at, length}, mode, 0};
    EXPECT(ioctl(uffd, UFFDIO_REGISTER, &range) == 0, "register");
}

int main(void) {
    uffd = open_userfaultfd();
    if (uffd == -1) {
        printf("skipped: no userfaultfd here\n");
        return SKIPPED;
    }
    struct uffdio_api api = {UFFD_API, UFFD_FEATURE_PAGEFAULT_FLAG_WP, 0};
    CHECK(ioctl(uffd, UFFDIO_API, &api) == 0);
    fresh = map_anon(bytes);
    used = map_filled(bytes, 20);
    pressure();
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, handler, NULL) == 0);
    register_range(fresh, bytes, UFFDIO_REGISTER_MODE_MISSING);
    size_t bad = 0;
    for (size_t page = 0; page < bytes / PAGE; page++) {
        char *at = fresh + page * PAGE;
        bad += page % 4 == 3 ? !page_is_zero(at) : !page_is(at, page, 30);
    }
    printf("served %d faults, %zu pages are wrong\n", served, bad);
    register_range(used, bytes, UFFDIO_REGISTER_MODE_WP);
    struct uffdio_writeprotect close_ = {{(uintptr_t)used, bytes}, UFFDIO_WRITEPROTECT_MODE_WP};
    EXPECT(ioctl(uffd, UFFDIO_WRITEPROTECT, &close_) == 0, "write-protect");
    EXPECT(bad_pages(used, bytes, 20) == 0, "protected content");
    fill(used, bytes, 21);
    printf("%d writes were caught\n", protected_ones);
    pressure();
    EXPECT(bad_pages(used, bytes, 21) == 0, "written content");
    CHECK(madvise(fresh, 8 * PAGE, MADV_DONTNEED) == 0);
    EXPECT(page_is(fresh, 0, 30) && page_is_zero(fresh + 3 * PAGE), "dropped and served again");
    struct uffdio_range range = {(uintptr_t)fresh, bytes};
    EXPECT(ioctl(uffd, UFFDIO_UNREGISTER, &range) == 0, "unregister");
    range.start = (uintptr_t)used;
    EXPECT(ioctl(uffd, UFFDIO_UNREGISTER, &range) == 0, "unregister");
    CHECK(madvise(fresh, PAGE, MADV_DONTNEED) == 0);
    EXPECT(page_is_zero(fresh), "zeros without a handler");
    fill(fresh, bytes, 22);
    pressure();
    EXPECT(bad_pages(fresh, bytes, 22) == 0 && bad_pages(used, bytes, 21) == 0, "at the end");
    return verdict();
}
