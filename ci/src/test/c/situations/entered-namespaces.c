/* A process joins the namespaces of another (setns by pidfd, by file and one after the other), as
 * nsenter and container runtimes do, and forks into them. */
#include "situation.h"

static struct work work;

static int first_body(int ready, int go) {
    char byte;
    CHECK(write(ready, "x", 1) == 1 && read(go, &byte, 1) == 0);
    int status, reaped = 0;
    while (waitpid(-1, &status, WNOHANG) > 0) {
        reaped++;
    }
    return works_with(&work) == 0 && reaped == 0 ? 11 : 12;
}

static int inside(void *argument) {
    (void)argument;
    char name[100];
    EXPECT(gethostname(name, sizeof name) == 0 && strcmp(name, "elsewhere") == 0, "host name");
    EXPECT(getpid() > 1 && getpid() < 10, "number %d", getpid());
    EXPECT(works_with(&work) == 0, "memory");
    EXPECT(system("exit 5") == 5 << 8, "a program");
    return surprises == 0 ? 21 : 22;
}

static int joins(void *argument) {
    pid_t whom = *(pid_t *)argument;
    int pidfd = (int)syscall(SYS_pidfd_open, whom, 0);
    CHECK(pidfd >= 0);
    EXPECT(setns(pidfd, CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWNS) == 0, "setns by pidfd");
    EXPECT(in_child(inside, NULL) == 21, "a child in the namespace");
    pressure();
    EXPECT(bad_pages(work.at, work.bytes, work.tag) == 0, "memory of who joined");
    return surprises != 0;
}

static int joins_by_file(void *argument) {
    static const char *const kinds[] = {"uts", "pid", "mnt"};
    for (int i = 0; i < 3; i++) {
        char path[100];
        snprintf(path, sizeof path, "/proc/%d/ns/%s", *(pid_t *)argument, kinds[i]);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        CHECK(file >= 0);
        EXPECT(setns(file, 0) == 0, "setns to %s", kinds[i]);
        close(file);
    }
    EXPECT(in_child(inside, NULL) == 21, "a child in the namespaces");
    return surprises != 0;
}

int main(void) {
    needs_root();
    work = (struct work){map_filled(MIB, 1), MIB, 1};
    int ready[2], go[2], number[2];
    char byte;
    CHECK(pipe(ready) == 0 && pipe(go) == 0 && pipe(number) == 0);
    pid_t maker = fork();
    if (maker == 0) {
        close(go[1]);
        CHECK(unshare(CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWNS) == 0);
        CHECK(sethostname("elsewhere", 9) == 0);
        pid_t first = fork();
        if (first == 0) {
            _exit(first_body(ready[1], go[0]));
        }
        CHECK(write(number[1], &first, sizeof first) == sizeof first);
        _exit(ended(first));
    }
    pid_t first;
    CHECK(read(ready[0], &byte, 1) == 1);
    CHECK(read(number[0], &first, sizeof first) == sizeof first);
    EXPECT(in_child(joins, &first) == 0, "by pidfd");
    EXPECT(in_child(joins_by_file, &first) == 0, "by file");
    close(go[1]);
    EXPECT(ended(maker) == 11, "who was there first");
    return verdict();
}
