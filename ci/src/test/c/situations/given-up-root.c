/* A server gives up root in each of the usual ways, and then goes on, forks and starts programs;
 * also not dumpable, without new privileges and in another root directory. */
#include "situation.h"
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

static struct work work;
static const char *myself;

static void fork_and_exec(const char *how, int may_exec) {
    fflush(stdout);
    EXPECT(bad_pages(work.at, work.bytes, work.tag) == 0, "%s: memory", how);
    pressure();
    EXPECT(bad_pages(work.at, work.bytes, work.tag) == 0, "%s: memory under pressure", how);
    int status = in_child(works_with, &work);
    EXPECT(status == 0, "%s: forked child %d", how, status);
    if (may_exec) {
        pid_t child = fork();
        if (child == 0) {
            execl(myself, myself, "program", (char *)NULL);
            _exit(9);
        }
        status = ended(child);
        EXPECT(status == 0, "%s: program %d", how, status);
    }
}

static int to_nobody(void *argument) {
    (void)argument;
    CHECK(setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0);
    CHECK(setresuid(65534, 65534, 65534) == 0);
    printf("dumpable %d\n", prctl(PR_GET_DUMPABLE));
    fork_and_exec("nobody", 1);
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    fork_and_exec("no new privileges", 1);
    CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
    fork_and_exec("not dumpable", 1);
    return surprises != 0;
}

static int for_a_while(void *argument) {
    (void)argument;
    CHECK(setegid(65534) == 0 && seteuid(65534) == 0);
    fork_and_exec("effective", 1);
    CHECK(seteuid(0) == 0 && setegid(0) == 0);
    fork_and_exec("and back", 1);
    setfsuid(65534);
    fork_and_exec("file system user", 1);
    return surprises != 0;
}

static int in_an_empty_root(void *argument) {
    char name[] = "empty-root";
    (void)argument;
    CHECK(mkdir(name, 0755) == 0 && chroot(name) == 0 && chdir("/") == 0);
    CHECK(setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0);
    CHECK(setresuid(65534, 65534, 65534) == 0);
    fork_and_exec("empty root directory", 0);
    REFUSED(open("/dev/null", O_RDONLY), ENOENT);
    return surprises != 0;
}

static void *works_in_thread(void *argument) {
    (void)argument;
    CHECK(syscall(SYS_setresuid, 65534, 65534, 65534) == 0); /* of this thread only */
    char *at = map_filled(MIB, 44);
    pressure();
    return (void *)bad_pages(at, MIB, 44);
}

static int one_thread_only(void *argument) {
    pthread_t thread;
    void *bad;
    (void)argument;
    CHECK(pthread_create(&thread, NULL, works_in_thread, NULL) == 0);
    CHECK(pthread_join(thread, &bad) == 0);
    EXPECT(bad == NULL && getuid() == 0, "a thread with a user of its own");
    fork_and_exec("beside such a thread", 1);
    return surprises != 0;
}

int main(int argc, char **argv) {
    if (argc > 1) {
        char *at = map_filled(MIB, 9);
        pressure();
        return bad_pages(at, MIB, 9) != 0;
    }
    needs_root();
    static char path[4096];
    CHECK(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
    static char held[64];
    int file = open(path, O_RDONLY); /* the directories above may be closed to others */
    CHECK(file >= 0);
    snprintf(held, sizeof held, "/proc/self/fd/%d", file);
    myself = held;
    (void)argv;
    work = (struct work){map_filled(MIB, 1), MIB, 1};
    EXPECT(in_child(to_nobody, NULL) == 0, "for ever");
    EXPECT(in_child(for_a_while, NULL) == 0, "for a while");
    EXPECT(in_child(in_an_empty_root, NULL) == 0, "in an empty root directory");
    EXPECT(in_child(one_thread_only, NULL) == 0, "one thread");
    EXPECT(bad_pages(work.at, MIB, 1) == 0, "memory");
    CHECK(rmdir("empty-root") == 0);
    return verdict();
}
