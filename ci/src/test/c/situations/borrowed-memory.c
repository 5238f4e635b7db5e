/* Children that share their parent's memory (vfork, posix_spawn, CLONE_VM): what they map, drop or
 * move is their parent's, whether they exit, are killed, fail to exec or exec. */
#include "situation.h"
#include <spawn.h>

extern char **environ;
static char *mapped, *dropped;
static char stack[64 << 10] __attribute__((aligned(16)));

static int maps(void *argument) {
    mapped = map_filled(16 * PAGE, (uint64_t)(uintptr_t)argument);
    return madvise(dropped, 4 * PAGE, MADV_DONTNEED) == 0 ? 7 : 8;
}

static int dies(void *argument) {
    maps(argument);
    raise(SIGKILL);
    return 0;
}

static int fails_to_exec(void *argument) {
    maps(argument);
    execl("/nowhere/at/all", "nothing", (char *)NULL);
    return 7;
}

static int becomes_true(void *argument) {
    maps(argument);
    execl("/bin/true", "true", (char *)NULL);
    return 8;
}

static void borrow(const char *what, int (*body)(void *), int flags, int wanted) {
    static uint64_t tag;
    fill(dropped, 8 * PAGE, 50);
    tag++;
    pid_t child = clone(body, stack + sizeof stack, CLONE_VM | flags | SIGCHLD,
                        (void *)(uintptr_t)tag);
    int status = ended(child);
    EXPECT(status == wanted, "%s ended with %d", what, status);
    pressure();
    EXPECT(bad_pages(mapped, 16 * PAGE, tag) == 0, "%s: what it mapped", what);
    EXPECT(pages_not_zero(dropped, 4 * PAGE) == 0, "%s: what it dropped", what);
    EXPECT(page_is(dropped + 5 * PAGE, 5, 50), "%s: what it left", what);
    CHECK(munmap(mapped, 16 * PAGE) == 0);
}

int main(void) {
    dropped = map_filled(8 * PAGE, 50);
    char *memory = map_filled(2 * MIB, 3);
    for (int round = 0; round < 3; round++) {
        borrow("vfork and exit", maps, CLONE_VFORK, 7);
        borrow("vfork and death", dies, CLONE_VFORK, 1000 + SIGKILL);
        borrow("vfork and no program", fails_to_exec, CLONE_VFORK, 7);
        borrow("vfork and program", becomes_true, CLONE_VFORK, 0);
        borrow("beside its parent", maps, 0, 7);
        borrow("beside its parent, then program", becomes_true, 0, 0);
    }
    for (int i = 0; i < 20; i++) {
        pid_t child;
        char *arguments[] = {"sh", "-c", "exit 3", NULL};
        CHECK(posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ) == 0);
        EXPECT(ended(child) == 3, "spawned");
        EXPECT(posix_spawn(&child, "/nowhere", NULL, NULL, arguments, environ) == ENOENT, "no file");
    }
    EXPECT(system("exit 6") == 6 << 8, "system");
    EXPECT(bad_pages(memory, 2 * MIB, 3) == 0, "memory");
    return verdict();
}
