/* signals FILE die|STATUS: writes its pid to FILE when it is ready, waits for a signal, says which
 * came, and then dies of it or leaves with the status. */
#include "check.h"
#include <signal.h>

static volatile sig_atomic_t last;

static void on_signal(int signal) { last = signal; }

int main(int argc, char **argv) {
    CHECK(argc >= 3);
    for (int signal = 1; signal < NSIG; signal++) {
        if (signal != SIGKILL && signal != SIGSTOP && signal != SIGCONT && signal != SIGCHLD
            && signal != 32 && signal != 33) {
            struct sigaction action = {.sa_handler = on_signal};
            CHECK(sigaction(signal, &action, NULL) == 0);
        }
    }
    char *work = map_anon(4 * MIB);
    fill(work, 4 * MIB, 1);
    FILE *ready = fopen(argv[1], "w");
    CHECK(ready != NULL && fprintf(ready, "%d\n", (int)getpid()) > 0 && fclose(ready) == 0);
    while (last == 0) {
        usleep(20000);
    }
    CHECK(bad_pages(work, 4 * MIB, 1) == 0);
    printf("signal %d\n", (int)last);
    fflush(stdout);
    if (strcmp(argv[2], "die") == 0) {
        signal(last, SIG_DFL);
        raise(last);
    }
    return atoi(argv[2]);
}
