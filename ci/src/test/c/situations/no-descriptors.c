/* Descriptors: all used, the limit below what is open, all closed, only a high one left, a limit of
 * three. Memory, fork and exec need none. */
#include "situation.h"
#include <dirent.h>

static struct work work;
static const char *myself;

static int program(void *argument) {
    (void)argument;
    execl(myself, myself, "program", (char *)NULL);
    return 9;
}

static int all_used(void *argument) {
    struct rlimit few = {64, 4096};
    int file, last = -1;
    (void)argument;
    CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
    while ((file = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0) {
        last = file;
    }
    EXPECT(errno == EMFILE && last == 63, "the last is %d", last);
    EXPECT(in_child(works_with, &work) == 0, "a child, all descriptors used");
    REFUSED(open("/dev/null", O_RDONLY), EMFILE);
    EXPECT(close(last) == 0 && open("/dev/null", O_RDONLY | O_CLOEXEC) == last, "the free one");
    EXPECT(in_child(program, NULL) == 0, "a program, all descriptors used until exec");
    return surprises != 0;
}

static int low_limit(void *argument) {
    struct rlimit three = {3, 4096};
    (void)argument;
    CHECK(setrlimit(RLIMIT_NOFILE, &three) == 0);
    EXPECT(in_child(works_with, &work) == 0, "a child, limit of three");
    three.rlim_cur = 0;
    CHECK(setrlimit(RLIMIT_NOFILE, &three) == 0);
    EXPECT(in_child(works_with, &work) == 0, "a child, limit of none");
    EXPECT(works_with(&work) == 0, "memory, limit of none");
    return surprises != 0;
}

static int only_a_high_one(void *argument) {
    (void)argument;
    CHECK(fcntl(1, F_DUPFD, 3000) == 3000 && syscall(SYS_close_range, 0, 2999, 0) == 0);
    int status = in_child(works_with, &work);
    dprintf(3000, "a child without the first three: %d\n", status);
    dprintf(3000, "the next descriptor: %d\n", open("/dev/null", O_RDWR));
    close(0);
    status = in_child(program, NULL);
    dprintf(3000, "a program without the first three: %d\n", status);
    CHECK(syscall(SYS_close_range, 0, ~0U, 0) == 0);
    return in_child(works_with, &work);
}

static int open_descriptors(void) {
    int open_ones = 0;
    for (int i = 0; i < 20000; i++) {
        open_ones += fcntl(i, F_GETFD) >= 0;
    }
    return open_ones;
}

static void listed(void) {
    DIR *directory = opendir("/proc/self/fd");
    CHECK(directory != NULL);
    struct dirent *entry;
    printf("descriptors in /proc:");
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] != '.') {
            printf(" %s", entry->d_name);
        }
    }
    printf("\n");
    closedir(directory);
}

int main(int argc, char **argv) {
    if (argc > 1) {
        char *at = map_filled(MIB, 5);
        pressure();
        return bad_pages(at, MIB, 5) == 0 ? 0 : 1;
    }
    myself = argv[0];
    printf("descriptors at the start: %d\n", open_descriptors());
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    printf("their limits: %lu %lu\n", limit.rlim_cur, limit.rlim_max);
    listed();
    work = (struct work){map_filled(MIB, 1), MIB, 1};
    EXPECT(in_child(all_used, NULL) == 0, "all used");
    EXPECT(in_child(low_limit, NULL) == 0, "low limit");
    EXPECT(in_child(only_a_high_one, NULL) == 0, "only a high one");
    printf("descriptors at the end: %d\n", open_descriptors());
    return verdict();
}
