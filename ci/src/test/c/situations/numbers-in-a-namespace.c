/* In a PID namespace the numbers are the program's own business: 1, 2, 3, .. in the order in which
 * it makes its processes and threads, whatever they run and whoever they are. */
#include "situation.h"
#include <sys/mount.h>

static void *number_of_thread(void *unused) {
    (void)unused;
    return (void *)syscall(SYS_gettid);
}

static void shell(const char *what) {
    char command[100];
    snprintf(command, sizeof command, "echo %s $$; (echo $$ >/dev/null; exit 0); exit 0", what);
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    }
    printf("%s is %d and ended with %d\n", what, child, ended(child));
}

static int init_body(void) {
    pthread_t thread;
    void *number;
    printf("I am %d\n", getpid());
    free(malloc(MIB));
    shell("the first");
    pressure();
    shell("the next");
    CHECK(pthread_create(&thread, NULL, number_of_thread, NULL) == 0);
    CHECK(pthread_join(thread, &number) == 0);
    printf("a thread is %ld\n", (long)number);
    shell("the last");
    return 0;
}

static int in_namespace(void *flags) {
    CHECK(unshare(*(int *)flags) == 0);
    if (*(int *)flags & CLONE_NEWUSER) {
        int file = open("/proc/self/uid_map", O_WRONLY);
        CHECK(write(file, "0 0 1", 5) == 5 && close(file) == 0);
    }
    pid_t first = fork();
    if (first == 0) {
        execl("/proc/self/exe", "numbers", "inside", (char *)NULL);
    }
    return ended(first);
}

int main(int count, char **arguments) {
    (void)arguments;
    if (count > 1) {
        return init_body();
    }
    needs_root();
    int flags = CLONE_NEWPID;
    EXPECT(in_child(in_namespace, &flags) == 0, "a namespace");
    flags = CLONE_NEWPID | CLONE_NEWUSER;
    EXPECT(in_child(in_namespace, &flags) == 0, "a namespace of a user namespace");
    return verdict();
}
