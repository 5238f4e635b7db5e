/* The first process of a PID namespace reaps whoever is orphaned, kills all, and when it ends takes
 * the rest along; processes enter the namespace by fork and by setns. */
#include "situation.h"
#include <sys/mount.h>

static char *memory;

static int init_body(void) {
    printf("I am %d, my parent is %d\n", getpid(), getppid());
    EXPECT(bad_pages(memory, MIB, 1) == 0, "memory of the first process");
    for (int i = 0; i < 3; i++) {
        if (fork() == 0) {
            if (i == 0) {
                execl("/bin/sh", "sh", "-c", "exit 5", (char *)NULL);
            }
            if (fork() == 0) {
                nap(30000);
                _exit(3);
            }
            _exit(bad_pages(memory, MIB, 1) == 0 ? 0 : 100);
        }
    }
    int status, reaped = 0, sum = 0;
    while (wait(&status) > 0) {
        reaped++;
        sum += WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
    }
    printf("reaped %d, sum %d, then %s\n", reaped, sum, strerror(errno));
    for (int i = 0; i < 3; i++) {
        if (fork() == 0) {
            for (;;) {
                pause();
            }
        }
    }
    CHECK(kill(-1, SIGKILL) == 0);
    for (reaped = 0; wait(&status) > 0; reaped++) {
    }
    printf("killed and reaped %d\n", reaped);
    pressure();
    EXPECT(bad_pages(memory, MIB, 1) == 0, "memory after that");
    return surprises == 0 ? 17 : 18;
}

static void left_behind(void) {
    int pipes[2];
    char byte;
    CHECK(pipe(pipes) == 0 && unshare(CLONE_NEWPID) == 0);
    pid_t first = fork();
    if (first == 0) {
        close(pipes[0]);
        if (fork() == 0) {
            for (;;) {
                pause();
            }
        }
        _exit(6);
    }
    close(pipes[1]);
    EXPECT(ended(first) == 6, "the first process");
    EXPECT(read(pipes[0], &byte, 1) == 0, "whoever it left behind has ended");
    pid_t late = fork();
    EXPECT(late == -1 && errno == ENOMEM, "nobody can be made where the first has ended");
}

static int in_new_namespace(void *argument) {
    (void)argument;
    CHECK(unshare(CLONE_NEWPID | CLONE_NEWNS) == 0);
    CHECK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    pid_t first = fork();
    if (first == 0) {
        _exit(init_body());
    }
    EXPECT(ended(first) == 17, "the first process of the namespace");
    return surprises != 0;
}

static int another(void *argument) {
    (void)argument;
    left_behind();
    return surprises != 0;
}

int main(void) {
    needs_root();
    memory = map_filled(MIB, 1);
    pressure();
    EXPECT(in_child(in_new_namespace, NULL) == 0, "a namespace and its first process");
    EXPECT(in_child(another, NULL) == 0, "a namespace whose first process leaves others behind");
    EXPECT(bad_pages(memory, MIB, 1) == 0, "memory");
    return verdict();
}
