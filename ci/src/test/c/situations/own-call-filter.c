/* A program allows itself a short list of system calls (seccomp) that answers others with an error,
 * a signal or death, also in all threads at once and one filter upon another; then it forks workers. */
#include "situation.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

#define ALLOW(number) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int install(uint32_t otherwise, unsigned flags) {
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_read), ALLOW(SYS_write), ALLOW(SYS_mmap), ALLOW(SYS_munmap), ALLOW(SYS_brk),
        ALLOW(SYS_mremap), ALLOW(SYS_madvise), ALLOW(SYS_mprotect), ALLOW(SYS_fork),
        ALLOW(SYS_vfork), ALLOW(SYS_clone), ALLOW(SYS_clone3), ALLOW(SYS_wait4), ALLOW(SYS_exit),
        ALLOW(SYS_exit_group), ALLOW(SYS_rt_sigreturn), ALLOW(SYS_rt_sigprocmask),
        ALLOW(SYS_rt_sigaction), ALLOW(SYS_futex), ALLOW(SYS_set_robust_list), ALLOW(SYS_rseq),
        ALLOW(SYS_gettid), ALLOW(SYS_getpid), ALLOW(SYS_tgkill), ALLOW(SYS_seccomp),
        ALLOW(SYS_prctl), ALLOW(SYS_clock_nanosleep),
        BPF_STMT(BPF_RET | BPF_K, otherwise)};
    struct sock_fprog all = {sizeof program / sizeof *program, program};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &all);
}

static struct work work;
static volatile int caught;

static void on_sys(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    caught = info->si_syscall;
}

static int workers(void) {
    for (int i = 0; i < 3; i++) {
        int status = in_child(works_with, &work);
        if (status != 0) {
            return 100 + status;
        }
    }
    return bad_pages(work.at, work.bytes, work.tag) == 0 ? 0 : 4;
}

static int answers_an_error(void *argument) {
    (void)argument;
    CHECK(install(SECCOMP_RET_ERRNO | EPERM, 0) == 0);
    CHECK(syscall(SYS_getuid) == -1 && errno == EPERM);
    return workers();
}

static int kills(void *argument) {
    (void)argument;
    CHECK(install(SECCOMP_RET_KILL_PROCESS, 0) == 0);
    int status = workers();
    if (status == 0) {
        syscall(SYS_getuid);
    }
    return status;
}

static int traps(void *argument) {
    (void)argument;
    struct sigaction action = {.sa_sigaction = on_sys, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGSYS, &action, NULL) == 0 && install(SECCOMP_RET_TRAP, 0) == 0);
    int status = workers();
    syscall(SYS_getuid);
    return status != 0 ? status : caught == SYS_getuid ? 0 : 50;
}

static atomic_int go;

static void *waits_for_filter(void *argument) {
    (void)argument;
    while (!go) {
        nap(1000);
    }
    return (void *)(uintptr_t)(syscall(SYS_getuid) == -1 ? workers() : 51);
}

static int all_threads_and_twice(void *argument) {
    pthread_t thread;
    void *answer;
    (void)argument;
    CHECK(pthread_create(&thread, NULL, waits_for_filter, NULL) == 0);
    CHECK(install(SECCOMP_RET_ERRNO | EACCES, SECCOMP_FILTER_FLAG_TSYNC) == 0);
    CHECK(install(SECCOMP_RET_ERRNO | EPERM, 0) == 0);
    go = 1;
    CHECK(pthread_join(thread, &answer) == 0);
    return answer != NULL ? (int)(uintptr_t)answer : workers();
}

static int thread_dies(void *argument) {
    (void)argument;
    CHECK(install(SECCOMP_RET_KILL_THREAD, 0) == 0);
    syscall(SYS_getuid);
    return 3;
}

int main(void) {
    work = (struct work){map_filled(MIB, 1), MIB, 1};
    pressure();
    printf("an error: %d\n", in_child(answers_an_error, NULL));
    printf("death: %d\n", in_child(kills, NULL));
    printf("a signal: %d\n", in_child(traps, NULL));
    printf("all threads: %d\n", in_child(all_threads_and_twice, NULL));
    printf("death of the thread: %d\n", in_child(thread_dies, NULL));
    EXPECT(bad_pages(work.at, MIB, 1) == 0, "memory");
    return verdict();
}
