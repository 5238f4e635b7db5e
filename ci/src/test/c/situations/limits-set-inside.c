/* Limits that the program sets for itself bound its own mappings: address space, data, stack, file
 * size, processor time, and a core file that is none. */
#include "situation.h"

static int address_space(void *argument) {
    (void)argument;
    struct rlimit limit = {300 * MIB, 300 * MIB};
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    EXPECT(mmap(NULL, 400 * MIB, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
               errno == ENOMEM,
           "mmap beyond");
    EXPECT(malloc(400 * MIB) == NULL, "malloc beyond");
    char *at = mmap(NULL, 30 * MIB, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(at != MAP_FAILED, "mmap within");
    EXPECT(mremap(at, 30 * MIB, 400 * MIB, MREMAP_MAYMOVE) == MAP_FAILED && errno == ENOMEM,
           "mremap beyond");
    char *end = sbrk(0);
    EXPECT(sbrk(400 * MIB) == (void *)-1 && errno == ENOMEM && sbrk(0) == end, "brk beyond");
    return surprises != 0;
}

static int data(void *argument) {
    (void)argument;
    struct rlimit limit = {64 * MIB, 64 * MIB};
    CHECK(setrlimit(RLIMIT_DATA, &limit) == 0);
    EXPECT(mmap(NULL, 100 * MIB, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
               errno == ENOMEM,
           "data beyond");
    EXPECT(mmap(NULL, 100 * MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED,
           "what is no data");
    EXPECT(sbrk(100 * MIB) == (void *)-1, "brk beyond");
    return surprises != 0;
}

static size_t deep(int depth) {
    volatile char room[4000];
    room[0] = (char)depth;
    return depth == 0 ? 0 : (size_t)(room[0] != (char)depth) + deep(depth - 1);
}

static int stack(void *argument) {
    (void)argument;
    struct rlimit limit = {MIB, MIB}, none = {0, 0};
    CHECK(setrlimit(RLIMIT_STACK, &limit) == 0 && setrlimit(RLIMIT_CORE, &none) == 0);
    if (deep(100) != 0) {
        return 1;
    }
    return (int)deep(600); /* more than the limit */
}

static int processor_time(void *argument) {
    (void)argument;
    struct rlimit limit = {1, 2};
    CHECK(setrlimit(RLIMIT_CPU, &limit) == 0);
    for (double until = seconds() + 20; seconds() < until;) {
    }
    return 1;
}

static int file_size(void *argument) {
    (void)argument;
    struct rlimit limit = {PAGE, PAGE};
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0 && signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    int file = open("a-file", O_CREAT | O_RDWR | O_TRUNC, 0600);
    CHECK(file >= 0 && unlink("a-file") == 0);
    char *at = map_filled(2 * PAGE, 1);
    pressure();
    EXPECT(write(file, at, 2 * PAGE) == (ssize_t)PAGE, "the part that fits");
    REFUSED(write(file, at, PAGE), EFBIG);
    return surprises != 0 || bad_pages(at, 2 * PAGE, 1) != 0;
}

int main(void) {
    printf("address space: %d\n", in_child(address_space, NULL));
    printf("data: %d\n", in_child(data, NULL));
    printf("stack: %d\n", in_child(stack, NULL));
    printf("file size: %d\n", in_child(file_size, NULL));
    printf("processor time: %d\n", in_child(processor_time, NULL));
    return verdict();
}
