/* mseal: content of sealed memory stays, writable or not, in children too, whatever is refused;
 * protection keys bite and keep content; MAP_DROPPABLE never shows anything but its own or zeros. */
#include "situation.h"
#include <setjmp.h>

enum { MSEAL = 462, DROPPABLE = 0x08 };
static const size_t bytes = 32 * PAGE;
static sigjmp_buf back;

static void on_fault(int number) {
    (void)number;
    siglongjmp(back, 1);
}

static void sealed(int protection) {
    char *at = map_filled(bytes, 1);
    CHECK(mprotect(at, bytes, protection) == 0);
    pressure();
    if (syscall(MSEAL, at, bytes, 0) != 0) {
        return;
    }
    EXPECT(bad_pages(at, bytes, 1) == 0, "sealed content");
    pressure();
    REFUSED(munmap(at, bytes), EPERM);
    REFUSED(mprotect(at, bytes, PROT_NONE), EPERM);
    REFUSED(mremap(at, bytes, 2 * bytes, MREMAP_MAYMOVE), EPERM);
    REFUSED(mmap(at, PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), EPERM);
    REFUSED(mremap(map_anon(PAGE), PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at), EPERM);
    if (protection == PROT_READ) {
        REFUSED(madvise(at, bytes, MADV_DONTNEED), EPERM);
    }
    EXPECT(bad_pages(at, bytes, 1) == 0, "content after what was refused");
    struct work work = {at, bytes, 1};
    if (protection == READ_WRITE) {
        EXPECT(in_child(works_with, &work) == 0, "a child writes its copy");
        EXPECT(madvise(at, PAGE, MADV_DONTNEED) == 0 && page_is_zero(at), "writable: may be dropped");
        fill(at, bytes, 2);
        pressure();
        EXPECT(bad_pages(at, bytes, 2) == 0, "written sealed memory");
    }
}

static void keys(void) {
    int key = pkey_alloc(0, 0);
    if (key < 0) {
        return; /* no such processor */
    }
    char *at = map_filled(bytes, 3);
    CHECK(pkey_mprotect(at, bytes, READ_WRITE, key) == 0);
    pressure();
    EXPECT(bad_pages(at, bytes, 3) == 0, "content under a key");
    CHECK(pkey_set(key, PKEY_DISABLE_ACCESS) == 0);
    pressure();
    CHECK(signal(SIGSEGV, on_fault) != SIG_ERR);
    if (sigsetjmp(back, 1) == 0) {
        (void)*(volatile char *)at;
        EXPECT(0, "a key that forbids access");
    }
    CHECK(pkey_set(key, 0) == 0 && signal(SIGSEGV, SIG_DFL) != SIG_ERR);
    EXPECT(bad_pages(at, bytes, 3) == 0, "content afterwards");
    CHECK(pkey_free(key) == 0);
}

static int is_empty(void *at) {
    return pages_not_zero(at, bytes) != 0;
}

static void droppable(void) {
    char *at = mmap(NULL, bytes, READ_WRITE, DROPPABLE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        return; /* an older kernel */
    }
    fill(at, bytes, 4);
    pressure();
    size_t odd = 0;
    for (size_t page = 0; page < bytes / PAGE; page++) {
        odd += !page_is(at + page * PAGE, page, 4) && !page_is_zero(at + page * PAGE);
    }
    EXPECT(odd == 0, "%zu droppable pages are neither whole nor zero", odd);
    EXPECT(in_child(is_empty, at) == 0, "droppable memory is empty in a child");
    CHECK(munmap(at, bytes) == 0);
}

int main(void) {
    sealed(PROT_READ);
    sealed(READ_WRITE);
    keys();
    droppable();
    return verdict();
}
