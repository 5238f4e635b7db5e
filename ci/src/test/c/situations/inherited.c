/* What a program has from whoever started it, seen by itself, by a child and by a program that it
 * starts: mask, handlers, limits, directory, scheduling, affinity, core-dump filter and more. */
#include "situation.h"
#include <sys/personality.h>
#include <sys/stat.h>

static char text[64 << 10];

static void file(const char *path) {
    long length = slurp(path, text, sizeof text);
    printf("%s: %s%s", path, length > 0 ? text : "?", length > 0 ? "" : "\n");
}

static void lines_of_status(void) {
    static const char *const names[] = {"Umask", "SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm",
                                        "CapEff", "CapBnd", "CapAmb", "Cpus_allowed", "Threads",
                                        "FDSize", "Groups", "NStgid", "THP_enabled"};
    CHECK(slurp("/proc/self/status", text, sizeof text) > 0);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            if (strncmp(line, names[i], strlen(names[i])) == 0 && strncmp(line, "THP", 3) != 0 &&
                strncmp(line, "NStgid", 6) != 0 && strncmp(line, "FDSize", 6) != 0) {
                printf("%s\n", line);
            }
        }
    }
}

static void limits(void) {
    for (int limit = 0; limit < RLIM_NLIMITS; limit++) {
        struct rlimit value;
        CHECK(getrlimit(limit, &value) == 0);
        printf("%s%ld/%ld", limit ? " " : "limits ", (long)value.rlim_cur, (long)value.rlim_max);
    }
    printf("\n");
}

static void show(void) {
    lines_of_status();
    limits();
    file("/proc/self/coredump_filter");
    file("/proc/self/oom_score_adj");
    file("/proc/self/timerslack_ns");
    struct sched_param param;
    sched_getparam(0, &param);
    cpu_set_t cpus;
    CHECK(sched_getaffinity(0, sizeof cpus, &cpus) == 0);
    printf("policy %d priority %d nice %d cpus %d\n", sched_getscheduler(0), param.sched_priority,
           getpriority(PRIO_PROCESS, 0), CPU_COUNT(&cpus));
    printf("personality %x dumpable %d keepcaps %d pdeathsig-ok %d subreaper-ok %d\n",
           personality(0xffffffff), prctl(PR_GET_DUMPABLE), prctl(PR_GET_KEEPCAPS),
           prctl(PR_GET_PDEATHSIG, &(int){0}) == 0, prctl(PR_GET_CHILD_SUBREAPER, &(int){0}) == 0);
    mode_t mask = umask(0);
    umask(mask);
    printf("umask %03o\n", mask);
}

static int shows(void *argument) {
    (void)argument;
    show();
    return 0;
}

int main(int argc, char **argv) {
    show();
    if (argc > 1) {
        return 0;
    }
    EXPECT(in_child(shows, NULL) == 0, "a child");
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &usr1, NULL) == 0 && signal(SIGUSR2, SIG_IGN) != SIG_ERR);
    umask(027);
    CHECK(nice(3) == 3 && prctl(PR_SET_TIMERSLACK, 70000, 0, 0, 0) == 0);
    struct rlimit limit = {100, 200};
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    cpu_set_t one;
    CHECK(sched_getaffinity(0, sizeof one, &one) == 0);
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0 && CPU_COUNT(&one) > 1; cpu--) {
        CPU_CLR(cpu, &one);
    }
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
    struct sched_param param = {0};
    CHECK(sched_setscheduler(0, SCHED_BATCH, &param) == 0);
    EXPECT(in_child(shows, NULL) == 0, "a child of a changed process");
    execl(argv[0], argv[0], "again", (char *)NULL);
    return 9;
}
