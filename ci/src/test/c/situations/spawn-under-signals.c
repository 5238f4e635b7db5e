/* posix_spawn, system, popen and vfork while a timer without SA_RESTART ticks: each starts its
 * program exactly once, and none is lost. */
#include "situation.h"
#include <spawn.h>

extern char **environ;

static void on_tick(int number) {
    (void)number;
}

static void spawned(int wanted) {
    char command[32];
    pid_t child = -1;
    snprintf(command, sizeof command, "exit %d", wanted);
    char *arguments[] = {"sh", "-c", command, NULL};
    int error = posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ);
    EXPECT(error == 0, "posix_spawn: %s", strerror(error));
    EXPECT(error != 0 || ended(child) == wanted, "status of what was spawned");
    error = posix_spawn(&child, "/nowhere/at/all", NULL, NULL, arguments, environ);
    EXPECT(error == ENOENT, "spawning nothing: %s", strerror(error));
    child = vfork();
    if (child == 0) {
        execv("/bin/sh", arguments);
        _exit(99);
    }
    EXPECT(child > 0 && ended(child) == wanted, "status after vfork");
}

int main(void) {
    char *memory = map_filled(MIB, 1);
    struct sigaction action = {.sa_handler = on_tick};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    struct itimerval often = {{0, 1500}, {0, 1500}}, never = {{0, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    for (int i = 0; i < 20; i++) {
        spawned(i);
    }
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    EXPECT(system("exit 9") == 9 << 8, "system");
    int status;
    REFUSED(waitpid(-1, &status, 0), ECHILD);
    EXPECT(bad_pages(memory, MIB, 1) == 0, "memory");
    return verdict();
}
