/* Prints what a program can see of itself: it must see the same under supervision. */
#include "check.h"
#include <dirent.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>

extern char **environ;

static void print_link(const char *name) {
    char target[4096];
    ssize_t n = readlink(name, target, sizeof target - 1);
    CHECK(n > 0);
    target[n] = 0;
    printf("%s -> %s\n", name, target);
}

static void print_status(const char *key) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[4096];
    CHECK(status != NULL);
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0) {
            fputs(line, stdout);
        }
    }
    fclose(status);
}

static void print_descriptors(void) {
    for (int fd = 0; fd < 256; fd++) {
        char name[64], target[4096];
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(name, target, sizeof target - 1);
        if (n > 0) {
            target[n] = 0;
            printf("fd %d %s\n", fd, fd <= 2 ? "standard" : target);
        }
    }
}

static unsigned umask_of(void) {
    unsigned mask = umask(0);
    umask(mask);
    return mask;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Their order means nothing, and a shell on the way changes it. */
static void print_environment(void) {
    size_t count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    qsort(environ, count, sizeof *environ, by_text);
    for (size_t i = 0; i < count; i++) {
        printf("environment [%s]\n", environ[i]);
    }
}

int main(int argc, char **argv) {
    for (int i = 0; i < argc; i++) {
        printf("argument %d [%s]\n", i, argv[i]);
    }
    print_environment();
    char directory[4096];
    CHECK(getcwd(directory, sizeof directory) != NULL);
    printf("directory %s\n", directory);
    print_link("/proc/self/exe");
    printf("execfn %s\n", (const char *)getauxval(AT_EXECFN));
    printf("invocation %s\n", program_invocation_name);
    print_status("Name:");
    print_status("Threads:");
    print_status("Uid:");
    print_status("SigBlk:");
    print_status("SigIgn:");
    print_status("SigCgt:");
    print_status("NoNewPrivs:");
    print_status("CapEff:");
    print_descriptors();
    struct rlimit files;
    CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
    printf("files %llu %llu\n", (unsigned long long)files.rlim_cur,
           (unsigned long long)files.rlim_max);
    struct rlimit stack;
    CHECK(getrlimit(RLIMIT_STACK, &stack) == 0);
    printf("stack %llu\n", (unsigned long long)stack.rlim_cur);
    printf("tty %d %d %d\n", isatty(0), isatty(1), isatty(2));
    printf("umask %03o\n", umask_of());
    return 0;
}
