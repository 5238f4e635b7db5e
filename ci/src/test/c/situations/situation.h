/*
 * What the programs of this directory share, beside check.h. Each program puts itself into one
 * situation that real programs are in, prints what it saw in lines that are the same in every run,
 * and ends with verdict(). What it expects is what Linux does natively.
 */
#ifndef LEGO_TEST_SITUATION_H
#define LEGO_TEST_SITUATION_H

#include "../check.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

enum { SKIPPED = 77, READ_WRITE = PROT_READ | PROT_WRITE };

static int surprises;

/* Output goes out line by line, so that a child never prints what its parent has left behind. */
__attribute__((constructor)) static void print_by_line(void) {
    static char line[4096];
    setvbuf(stdout, line, _IOLBF, sizeof line);
}

__attribute__((format(printf, 4, 5), unused)) static void surprise(const char *file, int line,
                                                                   int error, const char *format,
                                                                   ...) {
    va_list arguments;
    const char *name = strrchr(file, '/');
    surprises++;
    printf("%s:%d: not so: ", name ? name + 1 : file, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf(" (%s)\n", strerror(error));
}

/* Says what is not as expected, and goes on. */
#define EXPECT(condition, ...)                                        \
    do {                                                              \
        if (!(condition)) {                                           \
            surprise(__FILE__, __LINE__, errno, __VA_ARGS__);         \
        }                                                             \
    } while (0)

/* The call fails with exactly that error. */
#define REFUSED(call, error)                                                        \
    do {                                                                            \
        errno = 0;                                                                  \
        long answer_ = (long)(call);                                                \
        EXPECT(answer_ == -1 && errno == (error), "%s is refused with %s", #call,   \
               strerror(error));                                                    \
    } while (0)

static inline int verdict(void) {
    printf("%s\n", surprises == 0 ? "as natively" : "otherwise than natively");
    return surprises == 0 ? 0 : 1;
}

static inline void needs_root(void) {
    if (geteuid() != 0) {
        printf("skipped: needs root\n");
        exit(SKIPPED);
    }
}

static inline double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline void nap(long microseconds) {
    struct timespec rest = {microseconds / 1000000, microseconds % 1000000 * 1000};
    while (nanosleep(&rest, &rest) == -1 && errno == EINTR) {
    }
}

/* Exit status of a child, 1000 + N when signal N ended it, -1 when there is none. */
static inline int ended(pid_t child) {
    int status;
    pid_t who;
    while ((who = waitpid(child, &status, 0)) == -1 && errno == EINTR) {
    }
    if (who != child) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* Runs body in a child, which ends with what body returns. */
static inline int in_child(int (*body)(void *), void *argument) {
    pid_t child = fork();
    if (child == -1) {
        return -1;
    }
    if (child == 0) {
        _exit(body(argument));
    }
    return ended(child);
}

/* Ends with 0 when memory that was filled with that tag is whole, also under pressure, and when the
 * child may change it. */
struct work {
    char *at;
    size_t bytes;
    uint64_t tag;
};

__attribute__((unused)) static int works_with(void *argument) {
    struct work *work = argument;
    if (bad_pages(work->at, work->bytes, work->tag) != 0) {
        return 1;
    }
    fill(work->at, work->bytes, work->tag + 1);
    pressure();
    return bad_pages(work->at, work->bytes, work->tag + 1) == 0 ? 0 : 2;
}

static inline char *map_filled(size_t bytes, uint64_t tag) {
    char *at = map_anon(bytes);
    fill(at, bytes, tag);
    return at;
}

static inline size_t pages_not_zero(const char *at, size_t bytes) {
    size_t bad = 0;
    for (size_t i = 0; i < bytes; i += PAGE) {
        bad += !page_is_zero(at + i);
    }
    return bad;
}

/* Whole text of a small file of /proc; its length, or -errno. */
static inline long slurp(const char *path, char *to, size_t max) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file == -1) {
        return -errno;
    }
    size_t length = 0;
    ssize_t got = 0;
    while (length + 1 < max && (got = read(file, to + length, max - 1 - length)) > 0) {
        length += (size_t)got;
    }
    to[length] = 0;
    long answer = got == -1 ? -errno : (long)length;
    close(file);
    return answer;
}

/* The number after a name in /proc/self/status, -1 when it is not there. */
static inline long status_number(const char *name) {
    static char text[8192];
    CHECK(slurp("/proc/self/status", text, sizeof text) > 0);
    const char *at = strstr(text, name);
    return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

#endif
