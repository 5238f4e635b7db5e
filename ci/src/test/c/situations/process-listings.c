/* What ps, pgrep, top and runtimes read about a process whose pages are away: command line,
 * environment, memory map, status, threads; of itself and of a child. */
#include "situation.h"
#include <dirent.h>

static char command[8192], environment[64 << 10], text[1 << 20];

static void compare(const char *what, const char *path, const char *wanted, long length) {
    long got = slurp(path, text, sizeof text);
    EXPECT(got == length && memcmp(text, wanted, (size_t)length) == 0, "%s: %ld bytes of %ld", what,
           got, length);
}

static int entries(const char *path) {
    DIR *directory = opendir(path);
    int count = 0;
    struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        count += entry->d_name[0] != '.';
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return count;
}

static atomic_int go;

static void *waits(void *argument) {
    while (!go) {
        nap(1000);
    }
    return argument;
}

static void maps(void) {
    char here, *in_heap = malloc(64);
    unsigned long low, high, end_before = 0;
    int heap = 0, stack = 0, vdso = 0, sorted = 1, code = 0;
    CHECK(slurp("/proc/self/maps", text, sizeof text) > 0);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        CHECK(sscanf(line, "%lx-%lx", &low, &high) == 2);
        sorted &= low >= end_before;
        end_before = high;
        heap |= strstr(line, "[heap]") && (uintptr_t)in_heap >= low && (uintptr_t)in_heap < high;
        stack |= strstr(line, "[stack]") && (uintptr_t)&here >= low && (uintptr_t)&here < high;
        vdso |= strstr(line, "[vdso]") != NULL;
        code |= strstr(line, "r-xp") && (uintptr_t)maps >= low && (uintptr_t)maps < high;
    }
    printf("maps: heap %d stack %d vdso %d code %d sorted %d\n", heap, stack, vdso, code, sorted);
    free(in_heap);
    pthread_attr_t attributes;
    void *bottom;
    size_t size;
    CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
    CHECK(pthread_attr_getstack(&attributes, &bottom, &size) == 0);
    EXPECT(&here > (char *)bottom && &here < (char *)bottom + size, "the stack of the first thread");
    pthread_attr_destroy(&attributes);
}

static void threads(void) {
    pthread_t three[3];
    for (int i = 0; i < 3; i++) {
        CHECK(pthread_create(&three[i], NULL, waits, NULL) == 0);
    }
    printf("threads %ld, tasks %d\n", status_number("Threads:"), entries("/proc/self/task"));
    go = 1;
    for (int i = 0; i < 3; i++) {
        CHECK(pthread_join(three[i], NULL) == 0);
    }
    printf("traced: %d, no new privileges %ld\n", status_number("TracerPid:") != 0,
           status_number("NoNewPrivs:"));
}

static void children(void) {
    char path[100];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    CHECK(slurp(path, text, sizeof text) >= 0);
    int count = 0;
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
        count++;
    }
    printf("children %d\n", count);
}

int main(void) {
    char path[64];
    long length = slurp("/proc/self/cmdline", command, sizeof command);
    long size = slurp("/proc/self/environ", environment, sizeof environment);
    EXPECT(length > 0 && size > 0, "at first");
    pid_t child = fork();
    if (child == 0) {
        for (;;) {
            pause();
        }
    }
    for (int i = 0; i < 3; i++) {
        pressure();
    }
    snprintf(path, sizeof path, "/proc/%d/cmdline", child);
    compare("a child's command line", path, command, length);
    snprintf(path, sizeof path, "/proc/%d/environ", child);
    compare("a child's environment", path, environment, size);
    compare("the command line", "/proc/self/cmdline", command, length);
    compare("the environment", "/proc/self/environ", environment, size);
    children();
    kill(child, SIGKILL);
    EXPECT(ended(child) == 1000 + SIGKILL, "the child");
    CHECK(prctl(PR_SET_NAME, "another name", 0, 0, 0) == 0);
    slurp("/proc/self/comm", text, sizeof text);
    printf("name: %s", text);
    maps();
    threads();
    return verdict();
}
