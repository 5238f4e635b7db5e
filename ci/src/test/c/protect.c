/* mprotect: write barriers by SIGSEGV over a range larger than the cache (as a garbage collector
 * does), PROT_NONE and back with content, read-only pages that are evicted and read again, guard
 * pages, and the address that the handler is told. */
#include "check.h"
#include <setjmp.h>
#include <signal.h>

static char *range;
static size_t range_bytes = 16 * MIB;
static volatile long barriers;
static sigjmp_buf escape;
static void *volatile escaped_at;

static void on_barrier(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    char *at = info->si_addr;
    if (at < range || at >= range + range_bytes) {
        escaped_at = at;
        siglongjmp(escape, 1);
    }
    barriers++;
    char *page = (char *)((uintptr_t)at & ~(PAGE - 1));
    if (mprotect(page, PAGE, PROT_READ | PROT_WRITE) != 0) {
        _exit(97);
    }
}

int main(void) {
    struct sigaction action = {.sa_sigaction = on_barrier, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    range = map_anon(range_bytes);
    fill(range, range_bytes, 1);
    pressure();

    CHECK(mprotect(range, range_bytes, PROT_READ) == 0);
    CHECK(bad_pages(range, range_bytes, 1) == 0);
    CHECK(barriers == 0);
    for (size_t p = 0; p < range_bytes / PAGE; p += 2) {
        fill_page(range + p * PAGE, p, 2);
    }
    CHECK(barriers == (long)(range_bytes / PAGE / 2));
    pressure();
    for (size_t p = 0; p < range_bytes / PAGE; p++) {
        CHECK(page_is(range + p * PAGE, p, p % 2 == 0 ? 2 : 1));
    }

    barriers = 0;
    CHECK(mprotect(range, range_bytes, PROT_NONE) == 0);
    pressure();
    for (size_t p = 0; p < range_bytes / PAGE; p += 8) {
        CHECK(page_is(range + p * PAGE, p, 2));
    }
    CHECK(barriers == (long)(range_bytes / PAGE / 8));
    CHECK(mprotect(range, range_bytes, PROT_READ | PROT_WRITE) == 0);
    for (size_t p = 0; p < range_bytes / PAGE; p++) {
        CHECK(page_is(range + p * PAGE, p, p % 2 == 0 ? 2 : 1));
    }
    CHECK(barriers == (long)(range_bytes / PAGE / 8));

    /* Read-only from the start: reads are zero, a write is a fault at the right address. */
    char *guarded = map_anon(3 * PAGE);
    CHECK(mprotect(guarded + PAGE, PAGE, PROT_NONE) == 0);
    guarded[0] = 1;
    guarded[2 * PAGE] = 2;
    if (sigsetjmp(escape, 1) == 0) {
        guarded[PAGE + 123] = 3;
        CHECK(0);
    }
    CHECK(escaped_at == guarded + PAGE + 123);
    const char *zeros = mmap(NULL, 4 * MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(zeros != MAP_FAILED);
    for (size_t p = 0; p < 4 * MIB / PAGE; p++) {
        CHECK(page_is_zero(zeros + p * PAGE));
    }
    if (sigsetjmp(escape, 1) == 0) {
        ((volatile char *)(uintptr_t)zeros)[PAGE] = 3;
        CHECK(0);
    }
    CHECK(escaped_at == zeros + PAGE);
    if (sigsetjmp(escape, 1) == 0) {
        *(volatile char *)8 = 1;
        CHECK(0);
    }
    CHECK(escaped_at == (void *)8);

    /* A reservation of PROT_NONE that is opened piece by piece, as allocators do. */
    char *reserved = mmap(NULL, 256 * MIB, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(reserved != MAP_FAILED);
    for (size_t piece = 0; piece < 8; piece++) {
        CHECK(mprotect(reserved + piece * 32 * MIB, 2 * MIB, PROT_READ | PROT_WRITE) == 0);
        fill(reserved + piece * 32 * MIB, 2 * MIB, 50 + piece);
    }
    pressure();
    for (size_t piece = 0; piece < 8; piece++) {
        CHECK(bad_pages(reserved + piece * 32 * MIB, 2 * MIB, 50 + piece) == 0);
    }
    printf("protect ok\n");
    return 0;
}
