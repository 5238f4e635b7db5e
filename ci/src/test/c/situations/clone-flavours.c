/* clone and clone3 with the flags that container runtimes, systemd and language runtimes use, and
 * with ones that the kernel refuses. */
#include "situation.h"
#include <linux/sched.h>
#include <sys/syscall.h>

static struct work work;

static long clone3(struct clone_args *arguments) {
    return syscall(SYS_clone3, arguments, sizeof *arguments);
}

static void with_pidfd(void) {
    int pidfd = -1;
    struct clone_args arguments = {.flags = CLONE_PIDFD,
                                   .pidfd = (uint64_t)(uintptr_t)&pidfd,
                                   .exit_signal = SIGCHLD};
    long child = clone3(&arguments);
    if (child == 0) {
        _exit(works_with(&work) == 0 ? 31 : 32);
    }
    siginfo_t info = {0};
    EXPECT(child > 0 && waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) == 0, "wait by pidfd");
    EXPECT(info.si_status == 31, "status %d", info.si_status);
    close(pidfd);
}

static void with_tids(void) {
    int *words = (int *)map_anon(PAGE);
    struct clone_args arguments = {
        .flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID,
        .parent_tid = (uint64_t)(uintptr_t)&words[0],
        .child_tid = (uint64_t)(uintptr_t)&words[1],
        .exit_signal = SIGCHLD};
    long child = clone3(&arguments);
    if (child == 0) {
        _exit(words[1] == (int)syscall(SYS_gettid) ? 0 : 1);
    }
    EXPECT(child > 0 && words[0] == (int)child, "the parent's word");
    EXPECT(ended((pid_t)child) == 0, "the child's word");
    EXPECT(words[1] == 0, "the parent's copy of the child's word");
}

static void with_cleared_handlers(void) {
    CHECK(signal(SIGUSR1, (void (*)(int))(void *)ended) != SIG_ERR);
    struct clone_args arguments = {.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD};
    long child = clone3(&arguments);
    if (child == 0) {
        struct sigaction now;
        sigaction(SIGUSR1, NULL, &now);
        _exit(now.sa_handler == SIG_DFL ? works_with(&work) : 9);
    }
    EXPECT(child > 0 && ended((pid_t)child) == 0, "cleared handlers");
    CHECK(signal(SIGUSR1, SIG_DFL) != SIG_ERR);
}

static void with_shared_tables(void) {
    struct clone_args arguments = {.flags = CLONE_FILES | CLONE_FS, .exit_signal = SIGCHLD};
    long child = clone3(&arguments);
    if (child == 0) {
        CHECK(chdir("/") == 0 && dup2(1, 77) == 77);
        _exit(works_with(&work));
    }
    char where[100];
    EXPECT(child > 0 && ended((pid_t)child) == 0, "shared tables");
    EXPECT(getcwd(where, sizeof where) != NULL && strcmp(where, "/") == 0, "shared directory");
    EXPECT(close(77) == 0, "shared descriptors");
}

static void without_signal(void) {
    struct clone_args arguments = {.exit_signal = 0};
    long child = clone3(&arguments);
    if (child == 0) {
        _exit(works_with(&work));
    }
    int status = 1;
    REFUSED(waitpid((pid_t)child, &status, 0), ECHILD);
    EXPECT(waitpid((pid_t)child, &status, __WALL) == child && status == 0, "wait for a clone");
}

static int sibling_of_its_maker(void *argument) {
    (void)argument;
    struct clone_args arguments = {.flags = CLONE_PARENT, .exit_signal = 0};
    long child = clone3(&arguments);
    if (child == 0) {
        _exit(works_with(&work) == 0 ? 33 : 34);
    }
    return child > 0 && waitpid((pid_t)child, NULL, __WALL) == -1 && errno == ECHILD ? 0 : 1;
}

static void refused(void) {
    struct clone_args arguments = {.flags = CLONE_THREAD, .exit_signal = SIGCHLD};
    REFUSED(clone3(&arguments), EINVAL);
    arguments = (struct clone_args){.flags = CLONE_SIGHAND, .exit_signal = SIGCHLD};
    REFUSED(clone3(&arguments), EINVAL);
    arguments = (struct clone_args){.flags = 1ULL << 62, .exit_signal = SIGCHLD};
    REFUSED(clone3(&arguments), EINVAL);
    arguments = (struct clone_args){.exit_signal = 4000};
    REFUSED(clone3(&arguments), EINVAL);
    REFUSED(syscall(SYS_clone3, &arguments, 8), EINVAL);
    REFUSED(syscall(SYS_clone3, (void *)16, sizeof arguments), EFAULT);
}

int main(void) {
    work = (struct work){map_filled(MIB, 1), MIB, 1};
    pressure();
    refused();
    with_pidfd();
    with_tids();
    with_cleared_handlers();
    with_shared_tables();
    without_signal();
    EXPECT(in_child(sibling_of_its_maker, NULL) == 0, "a child that makes a sibling");
    int sibling;
    EXPECT(waitpid(-1, &sibling, __WALL) > 0 && sibling == 33 << 8, "the sibling");
    EXPECT(bad_pages(work.at, MIB, 1) == 0, "memory");
    return verdict();
}
