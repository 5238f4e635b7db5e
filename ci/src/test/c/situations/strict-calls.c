/* Strict seccomp: read, write, exit and the return of handlers are all that is left; memory that is away
 * comes back, stacks grow, and anything else is death, of the thread alone. */
#include "situation.h"
#include <linux/filter.h>
#include <linux/seccomp.h>

static char *memory;
static volatile sig_atomic_t handled;

static size_t deep(int depth) {
    volatile char room[3000];
    room[0] = (char)depth;
    return depth == 0 ? 0 : (size_t)(room[0] != (char)depth) + deep(depth - 1);
}

static long by_prctl(void) {
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
}

static long by_seccomp(void) {
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL);
}

static void note(int signal) {
    handled = signal;
}

/* argument: what to do in the end, beside exit. */
static int strict(void *argument) {
    CHECK(signal(SIGSEGV, note) != SIG_ERR);
    CHECK((argument == NULL ? by_prctl() : by_seccomp()) == 0);
    size_t bad = bad_pages(memory, 12 * MIB, 1) + deep(500);
    fill(memory, 12 * MIB, 2);
    bad += bad_pages(memory, 12 * MIB, 2);
    if (argument == memory) {
        syscall(SYS_mmap, NULL, PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    } else if (argument != NULL) {
        syscall(SYS_getppid);
    }
    syscall(SYS_exit, bad != 0);
    return 9;
}

static void *strict_thread(void *argument) {
    strict(argument);
    return NULL;
}

/* One thread is strict; the others go on as if nothing had happened, also when it has died of it. */
static int beside_others(void *argument) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, strict_thread, argument) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    char *more = map_filled(4 * MIB, 3);
    pressure();
    CHECK(bad_pages(more, 4 * MIB, 3) == 0 && bad_pages(memory, 12 * MIB, 2) == 0);
    return 5;
}

static int without_root(void *argument) {
    if (setresuid(65534, 65534, 65534) != 0 && errno != EPERM) {
        return 8;
    }
    return strict(argument);
}

static int refusals(void *argument) {
    (void)argument;
    REFUSED(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL), EINVAL);
    REFUSED(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, memory), EINVAL);
    struct sock_filter all = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    struct sock_fprog program = {1, &all};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0);
    REFUSED(by_prctl(), EINVAL);
    REFUSED(by_seccomp(), EINVAL);
    return surprises;
}

int main(void) {
    static char other;
    memory = map_filled(12 * MIB, 1);
    pressure();
    printf("strict: %d\n", in_child(strict, NULL));
    printf("strict, then mmap: %d\n", in_child(strict, memory));
    printf("strict, then getppid: %d\n", in_child(strict, &other));
    printf("without root: %d\n", in_child(without_root, NULL));
    printf("without root, then mmap: %d\n", in_child(without_root, memory));
    printf("a thread: %d\n", in_child(beside_others, NULL));
    printf("a thread, then mmap: %d\n", in_child(beside_others, memory));
    printf("refusals: %d\n", in_child(refusals, NULL));
    EXPECT(bad_pages(memory, 12 * MIB, 1) == 0, "memory");
    return verdict();
}
