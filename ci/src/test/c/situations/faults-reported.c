/* SIGSEGV and SIGBUS tell the program the right address and the right reason, also where the page
 * around it is away; a handler that repairs the mapping lets the access go on. */
#include "situation.h"
#include <setjmp.h>

static sigjmp_buf back;
static siginfo_t last;
static char *repair;

static void on_fault(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    last = *info;
    if (repair != NULL) {
        CHECK(mprotect(repair, PAGE, READ_WRITE) == 0);
        repair = NULL;
        return;
    }
    siglongjmp(back, 1);
}

static void provoke(const char *what, volatile char *at, int write, int signal, int code) {
    memset(&last, 0, sizeof last);
    if (sigsetjmp(back, 1) == 0) {
        if (write) {
            *at = 1;
        } else {
            (void)*at;
        }
        EXPECT(0, "%s: no signal", what);
        return;
    }
    EXPECT(last.si_signo == signal && last.si_code == code, "%s: signal %d code %d", what,
           last.si_signo, last.si_code);
    EXPECT(last.si_addr == (void *)at, "%s: address", what);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0 && sigaction(SIGBUS, &action, NULL) == 0);
    char *at = map_filled(16 * PAGE, 1);
    CHECK(mprotect(at + 4 * PAGE, PAGE, PROT_NONE) == 0);
    CHECK(mprotect(at + 6 * PAGE, PAGE, PROT_READ) == 0);
    CHECK(munmap(at + 8 * PAGE, PAGE) == 0);
    for (int round = 0; round < 2; round++) {
        provoke("no access", at + 4 * PAGE + 100, 0, SIGSEGV, SEGV_ACCERR);
        provoke("read only", at + 6 * PAGE + 200, 1, SIGSEGV, SEGV_ACCERR);
        provoke("nothing there", at + 8 * PAGE + 300, 0, SIGSEGV, SEGV_MAPERR);
        provoke("null", (char *)8, 1, SIGSEGV, SEGV_MAPERR);
        EXPECT(page_is(at + 6 * PAGE, 6, 1), "the page that is read only");
        pressure();
    }
    repair = at + 4 * PAGE;
    EXPECT(*(volatile char *)(at + 4 * PAGE) == at[4 * PAGE] && page_is(at + 4 * PAGE, 4, 1),
           "the page that the handler opened");
    char name[] = "short-file";
    int file = open(name, O_CREAT | O_RDWR | O_TRUNC, 0600);
    CHECK(file >= 0 && ftruncate(file, PAGE) == 0 && unlink(name) == 0);
    char *mapped = mmap(NULL, 2 * PAGE, READ_WRITE, MAP_PRIVATE, file, 0);
    CHECK(mapped != MAP_FAILED);
    provoke("behind the end of a file", mapped + PAGE + 5, 0, SIGBUS, BUS_ADRERR);
    return verdict();
}
