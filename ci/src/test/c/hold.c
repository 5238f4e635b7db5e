/* hold FILE MIB: fills so much memory, writes its pid to FILE, then verifies all of it again and
 * again until SIGTERM, after which it verifies once more and says so. */
#include "check.h"
#include <signal.h>

static volatile sig_atomic_t ended;

static void on_term(int signal) {
    (void)signal;
    ended = 1;
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    size_t bytes = strtoul(argv[2], NULL, 10) * MIB;
    struct sigaction action = {.sa_handler = on_term};
    CHECK(sigaction(SIGTERM, &action, NULL) == 0);
    char *at = map_anon(bytes);
    fill(at, bytes, 21);
    FILE *ready = fopen(argv[1], "w");
    CHECK(ready != NULL && fprintf(ready, "%d\n", (int)getpid()) > 0 && fclose(ready) == 0);
    do {
        CHECK(bad_pages(at, bytes, 21) == 0);
        usleep(50000);
    } while (!ended);
    CHECK(bad_pages(at, bytes, 21) == 0);
    printf("hold ok\n");
    return 0;
}
