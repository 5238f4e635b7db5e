/* A program makes itself root in a user namespace, mounts, sees its own /proc, changes its root
 * directory, forks and starts programs there: what sandboxes for desktop programs do. */
#include "situation.h"
#include <sys/mount.h>
#include <sys/stat.h>

static struct work work;

static void tell(const char *path, const char *text) {
    int file = open(path, O_WRONLY);
    EXPECT(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text), "%s", path);
    close(file);
}

static int inside(void *argument) {
    (void)argument;
    EXPECT(mount("proc", "/proc", "proc", 0, NULL) == 0 || errno == EPERM, "mount of /proc");
    EXPECT(mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0, "mount of a tmpfs");
    EXPECT(works_with(&work) == 0, "memory inside");
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", "echo uid $(id -u); cat /proc/self/setgroups; exit 12",
              (char *)NULL);
        _exit(9);
    }
    EXPECT(ended(child) == 12, "a program inside");
    CHECK(mkdir("/tmp/empty", 0700) == 0 && chroot("/tmp/empty") == 0 && chdir("/") == 0);
    work.tag += 1;
    EXPECT(in_child(works_with, &work) == 0, "a child without files");
    return surprises == 0 ? 23 : 24;
}

static int sandbox(void *argument) {
    char text[100];
    uid_t user = getuid(), group = getgid();
    (void)argument;
    if (unshare(CLONE_NEWUSER) == -1) {
        printf("skipped: no user namespaces\n");
        return SKIPPED;
    }
    tell("/proc/self/setgroups", "deny");
    snprintf(text, sizeof text, "0 %u 1", user);
    tell("/proc/self/uid_map", text);
    snprintf(text, sizeof text, "0 %u 1", group);
    tell("/proc/self/gid_map", text);
    EXPECT(unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS) == 0, "namespaces");
    EXPECT(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
    int status = in_child(inside, NULL);
    EXPECT(status == 23, "inside: %d", status);
    return surprises != 0;
}

static int as_nobody(void *argument) {
    if (getuid() == 0) {
        CHECK(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
        CHECK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
    }
    return sandbox(argument);
}

int main(void) {
    work = (struct work){map_filled(MIB, 3), MIB, 3};
    pressure();
    int status = in_child(as_nobody, NULL);
    if (status == SKIPPED) {
        return SKIPPED;
    }
    EXPECT(status == 0, "as an ordinary user: %d", status);
    EXPECT(in_child(sandbox, NULL) == 0, "as who I am");
    EXPECT(bad_pages(work.at, MIB, 3) == 0, "memory");
    return verdict();
}
