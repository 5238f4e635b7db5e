/* A program replaces itself many times: from its first thread, from another one, in a vfork child,
 * with a large environment and argument list, with failures between; what is said at exec is kept. */
#include "situation.h"

static void *exec_in_thread(void *argument) {
    char **arguments = argument;
    execv("/proc/self/exe", arguments);
    return NULL;
}

static void again(int round, char *name) {
    char number[16];
    snprintf(number, sizeof number, "%d", round + 1);
    char *arguments[] = {name, number, NULL};
    pid_t before = getpid();
    REFUSED(execl("/does/not/exist", "x", (char *)NULL), ENOENT);
    REFUSED(execl("/etc/passwd", "x", (char *)NULL), EACCES);
    if (round % 2 == 0) {
        execv("/proc/self/exe", arguments);
    } else {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, exec_in_thread, arguments) == 0);
        pthread_join(thread, NULL);
    }
    CHECK(before != getpid());
}

static void large_list(void) {
    enum { COUNT = 500 };
    static char *arguments[COUNT + 4], *environment[COUNT + 1];
    static char word[1001], variable[1024];
    memset(word, 'w', 1000);
    snprintf(variable, sizeof variable, "V=%s", word);
    arguments[0] = "sh";
    arguments[1] = "-c";
    arguments[2] = "echo $# ${#1} ${#V}";
    for (int i = 0; i < COUNT; i++) {
        arguments[3 + i] = word;
        environment[i] = variable;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        execve("/bin/sh", arguments, environment);
        _exit(9);
    }
    EXPECT(ended(child) == 0, "a large list");
    char *none[] = {NULL};
    child = fork();
    if (child == 0) {
        execve("/usr/bin/env", (char *[]){"env", NULL}, none);
        _exit(9);
    }
    EXPECT(ended(child) == 0, "an empty environment");
}

int main(int argc, char **argv) {
    int round = argc > 1 ? atoi(argv[1]) : 0;
    static pid_t first;
    char *memory = map_filled(64 * PAGE, (uint64_t)round);
    char *start = getenv("STARTED_AS");
    if (start == NULL) {
        char text[32];
        first = getpid();
        snprintf(text, sizeof text, "%d", first);
        CHECK(setenv("STARTED_AS", text, 1) == 0);
        large_list();
    } else {
        EXPECT(atoi(start) == getpid(), "the process is the same");
    }
    if (round == 5) {
        pressure();
    }
    EXPECT(bad_pages(memory, 64 * PAGE, (uint64_t)round) == 0, "memory");
    if (surprises == 0 && round < 10) {
        again(round, argv[0]);
    }
    printf("round %d\n", round);
    return verdict();
}
