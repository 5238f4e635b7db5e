/* What the kernel allows to a process with one thread only, what changes all its threads at once,
 * and a debugger that insists on each thread it finds: also below a subreaper, where agents have no
 * other place than among the threads. */
#include "situation.h"
#include <dirent.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ptrace.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static struct work work;

static int is_whole(void) {
    pressure();
    return bad_pages(work.at, work.bytes, work.tag) == 0;
}

static int own_users(void *unused) {
    (void)unused;
    EXPECT(unshare(CLONE_NEWUSER) == 0, "a user namespace");
    EXPECT(is_whole(), "memory in a user namespace");
    return surprises;
}

static int other_time(void *unused) {
    (void)unused;
    EXPECT(unshare(CLONE_NEWTIME) == 0, "a time namespace");
    for (int i = 0; i < 2; i++) {
        int file = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
        EXPECT(setns(file, i == 0 ? 0 : CLONE_NEWTIME) == 0, "entered");
        close(file);
    }
    EXPECT(is_whole(), "memory in a time namespace");
    return surprises;
}

static int filter(unsigned flags) {
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog all = {sizeof program / sizeof *program, program};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &all);
}

static int filters(void *flags) {
    EXPECT(filter(*(unsigned *)flags) == 0, "a filter");
    EXPECT(is_whole(), "memory under a filter");
    EXPECT(in_child(works_with, &work) == 0, "memory of a child");
    pid_t child = fork();
    if (child == 0) {
        munmap(map_filled(MIB, 3), MIB);
        execl("/bin/true", "true", (char *)NULL);
    }
    EXPECT(ended(child) == 0, "a child that runs a program");
    return surprises;
}

/* As debuggers do it: all threads, until a look at the list finds none that is new. */
static int traces(void *process) {
    pid_t whom = *(pid_t *)process, known[64];
    int count = 0, more = 1;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", whom);
    while (more && count < 64) {
        more = 0;
        DIR *directory = opendir(path);
        CHECK(directory != NULL);
        for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
            pid_t thread = atoi(entry->d_name);
            int is_new = thread > 0;
            for (int i = 0; i < count; i++) {
                is_new = is_new && known[i] != thread;
            }
            if (is_new && ptrace(PTRACE_ATTACH, thread, NULL, NULL) == 0) {
                CHECK(waitpid(thread, NULL, __WALL) == thread);
                known[count++] = thread;
                more = 1;
            }
        }
        closedir(directory);
    }
    EXPECT(count == 2, "%d threads", count);
    for (size_t i = 0; i < work.bytes; i += PAGE) {
        long word = ptrace(PTRACE_PEEKDATA, whom, work.at + i, NULL);
        EXPECT(word == *(long *)(work.at + i), "word of page %zu", i / PAGE);
    }
    for (int i = 0; i < count; i++) {
        ptrace(PTRACE_DETACH, known[i], NULL, NULL);
    }
    return surprises;
}

static void *waits(void *until) {
    char byte;
    CHECK(read(*(int *)until, &byte, 1) == 0);
    return NULL;
}

static int is_traced(void *unused) {
    (void)unused;
    int pipes[2];
    pthread_t thread;
    CHECK(pipe(pipes) == 0 && pthread_create(&thread, NULL, waits, &pipes[0]) == 0);
    pid_t me = getpid();
    pressure();
    pid_t tracer = fork();
    if (tracer == 0) {
        _exit(traces(&me));
    }
    EXPECT(ended(tracer) == 0, "a debugger");
    close(pipes[1]);
    CHECK(pthread_join(thread, NULL) == 0);
    EXPECT(is_whole(), "memory after that");
    return surprises;
}

static int all(void) {
    unsigned plain = 0, synchronised = SECCOMP_FILTER_FLAG_TSYNC;
    work = (struct work){map_filled(MIB, 1), MIB, 1};
    char *reserved = mmap(NULL, 1ul << 42, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                          -1, 0);
    CHECK(reserved != MAP_FAILED);
    reserved[1ul << 41] = 1;
    pressure();
    EXPECT(in_child(own_users, NULL) == 0, "users");
    EXPECT(in_child(other_time, NULL) == 0, "time");
    EXPECT(in_child(filters, &plain) == 0, "a filter of one thread");
    EXPECT(in_child(filters, &synchronised) == 0, "a filter of all threads");
    EXPECT(in_child(is_traced, NULL) == 0, "a process that is debugged");
    EXPECT(is_whole() && reserved[1ul << 41] == 1, "memory");
    return verdict();
}

int main(int count, char **arguments) {
    (void)arguments;
    needs_root();
    if (count == 1) {
        CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
        pid_t child = fork();
        if (child == 0) {
            execl("/proc/self/exe", "one-thread", "below", (char *)NULL);
        }
        EXPECT(ended(child) == 0, "below a subreaper");
        CHECK(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) == 0);
    }
    return all();
}
