/* SIGALRM handlers on an alternate stack that has been evicted, and system calls that are
 * interrupted and restarted meanwhile. */
#include "check.h"
#include <signal.h>
#include <sys/time.h>
#include <time.h>

static volatile long alarms;
static volatile long on_alternate;
static char *stack_low;
static size_t stack_bytes = 16 * PAGE;

static void on_alarm(int signal) {
    volatile char frame[3 * PAGE];
    (void)signal;
    for (size_t i = 0; i < sizeof frame; i += PAGE / 2) {
        frame[i] = (char)i;
    }
    char *here = (char *)(uintptr_t)frame;
    if (here >= stack_low && here < stack_low + stack_bytes) {
        on_alternate++;
    }
    alarms++;
}

int main(int argc, char **argv) {
    long wanted = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
    stack_low = map_anon(stack_bytes);
    stack_t alternate = {.ss_sp = stack_low, .ss_size = stack_bytes};
    CHECK(sigaltstack(&alternate, NULL) == 0);
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_ONSTACK | SA_RESTART};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    struct itimerval every = {{0, 1500}, {0, 1500}};
    CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
    int pipes[2];
    CHECK(pipe(pipes) == 0);
    char *work = map_anon(4 * MIB);
    uint64_t tag = 0;
    while (alarms < wanted) {
        fill(work, 4 * MIB, ++tag);
        pressure();
        CHECK(bad_pages(work, 4 * MIB, tag) == 0);
        char byte;
        CHECK(write(pipes[1], "a", 1) == 1 && read(pipes[0], &byte, 1) == 1 && byte == 'a');
        for (int nap = 0; nap < 20; nap++) {
            struct timespec a_while = {0, 2000000};
            nanosleep(&a_while, NULL);
        }
    }
    struct itimerval never = {{0, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    CHECK(on_alternate == alarms);
    printf("altstack ok\n");
    return 0;
}
