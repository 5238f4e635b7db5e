/* Root without capabilities: all dropped, the bounding set emptied, secure bits locked. */
#include "situation.h"
#include <linux/capability.h>
#include <linux/securebits.h>

static struct work work;

static void drop_all(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    CHECK(syscall(SYS_capset, &header, none) == 0);
}

static void show(const char *when) {
    static char text[8192];
    CHECK(slurp("/proc/self/status", text, sizeof text) > 0);
    char *eff = strstr(text, "CapEff:");
    CHECK(eff != NULL);
    printf("%s: %.24s\n", when, eff);
}

static int without(void *argument) {
    (void)argument;
    drop_all();
    show("dropped");
    EXPECT(works_with(&work) == 0, "memory");
    work.tag++;
    EXPECT(in_child(works_with, &work) == 0, "a child");
    EXPECT(system("exit 4") == 4 << 8, "a program");
    return surprises != 0;
}

static int bounded(void *argument) {
    (void)argument;
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
        CHECK(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0);
    }
    CHECK(prctl(PR_SET_SECUREBITS,
                SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                    SECBIT_NO_SETUID_FIXUP_LOCKED,
                0, 0, 0) == 0);
    drop_all();
    EXPECT(in_child(works_with, &work) == 0, "a child");
    fflush(stdout);
    EXPECT(system("grep CapBnd /proc/self/status; exit 4") == 4 << 8, "a program");
    return surprises != 0;
}

int main(void) {
    needs_root();
    work = (struct work){map_filled(MIB, 1), MIB, 1};
    pressure();
    EXPECT(in_child(without, NULL) == 0, "no capabilities");
    EXPECT(in_child(bounded, NULL) == 0, "nothing in the bounding set");
    EXPECT(bad_pages(work.at, MIB, 1) == 0, "memory");
    return verdict();
}
