/* posix_spawn, vfork + exec, system, popen, exec from a thread that is not the first, and what
 * wait() says when there are no children: nothing that supervision adds may show. */
#include "check.h"
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static int wait_for(pid_t child) {
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void *exec_from_thread(void *self) {
    execl("/proc/self/exe", self, "child", "44", (char *)NULL);
    _exit(96);
}

int main(int argc, char **argv) {
    if (argc == 3) {
        size_t bytes = 2 * MIB;
        char *at = map_anon(bytes);
        fill(at, bytes, 2);
        return bad_pages(at, bytes, 2) == 0 ? atoi(argv[2]) : 95;
    }
    size_t bytes = 8 * MIB;
    char *at = map_anon(bytes);
    fill(at, bytes, 6);
    pressure();
    for (int round = 0; round < 20; round++) {
        pid_t child;
        char *arguments[] = {argv[0], "child", "42", NULL};
        CHECK(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ) == 0);
        CHECK(wait_for(child) == 42);
        child = vfork();
        if (child == 0) {
            execl("/proc/self/exe", argv[0], "child", "43", (char *)NULL);
            _exit(94);
        }
        CHECK(child > 0 && wait_for(child) == 43);
        child = vfork();
        if (child == 0) {
            /* Shares the memory: writes are seen by the parent. */
            at[0] = (char)round;
            _exit(17);
        }
        CHECK(child > 0 && wait_for(child) == 17 && at[0] == (char)round);
        fill_page(at, 0, 6);
    }
    CHECK(posix_spawn(&(pid_t){0}, "/does/not/exist", NULL, NULL, argv, environ) == ENOENT);
    CHECK(execl("/does/not/exist", "x", (char *)NULL) == -1 && errno == ENOENT);
    CHECK(execl("/", "x", (char *)NULL) == -1 && errno == EACCES);

    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, exec_from_thread, argv[0]) == 0);
        pthread_join(thread, NULL);
        _exit(93);
    }
    CHECK(wait_for(child) == 44);

    CHECK(system("exit 9") == 9 << 8);
    FILE *from = popen("echo from a pipe", "r");
    char line[64];
    CHECK(from != NULL && fgets(line, sizeof line, from) != NULL && pclose(from) == 0);
    CHECK(strcmp(line, "from a pipe\n") == 0);

    /* No children are left, whichever way it is asked. */
    int status;
    CHECK(wait(&status) == -1 && errno == ECHILD);
    CHECK(waitpid(-1, &status, WNOHANG) == -1 && errno == ECHILD);
    CHECK(waitpid(-1, &status, WNOHANG | __WALL) == -1 && errno == ECHILD);
    CHECK(waitpid(-1, &status, WNOHANG | __WCLONE) == -1 && errno == ECHILD);
    CHECK(bad_pages(at, bytes, 6) == 0);
    printf("spawn ok\n");
    return 0;
}
