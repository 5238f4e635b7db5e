/* Memory that grows downwards: MAP_GROWSDOWN and the stack itself, deep and shallow again, given back
 * by MADV_DONTNEED, in threads and in children. */
#include "situation.h"

static size_t depth_sum(int depth) {
    volatile uint64_t room[256];
    for (int i = 0; i < 256; i += 64) {
        room[i] = mix((uint64_t)depth * 256 + (uint64_t)i);
    }
    size_t below = depth == 0 ? 0 : depth_sum(depth - 1);
    size_t bad = 0;
    for (int i = 0; i < 256; i += 64) {
        bad += room[i] != mix((uint64_t)depth * 256 + (uint64_t)i);
    }
    return bad + below;
}

/* Gives back what lies below the frame of its caller, as runtimes do with idle stacks. */
__attribute__((noinline)) static size_t give_back_stack(size_t length) {
    char *here = (char *)((uintptr_t)__builtin_frame_address(0) & ~(PAGE - 1));
    CHECK(madvise(here - length - 2 * PAGE, length, MADV_DONTNEED) == 0);
    return pages_not_zero(here - length - 2 * PAGE, length);
}

static int recursion(void *argument) {
    (void)argument;
    return depth_sum(1800) != 0 || give_back_stack(3 * MIB) != 0 || depth_sum(2500) != 0;
}

static void *in_thread(void *argument) {
    (void)argument;
    return (void *)(depth_sum(2500) + give_back_stack(4 * MIB) + depth_sum(2500));
}

static void grown_mapping(void) {
    enum { START = 16, ROOM = 400 };
    char *area = mmap(NULL, 2 * ROOM * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(area != MAP_FAILED && munmap(area, 2 * ROOM * PAGE) == 0);
    char *top = area + 2 * ROOM * PAGE;
    char *low = mmap(top - START * PAGE, START * PAGE, READ_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(low == top - START * PAGE);
    for (int page = 1; page <= ROOM; page++) {
        fill_page(top - (size_t)page * PAGE, (uint64_t)page, 5);
    }
    pressure();
    size_t bad = 0;
    for (int page = 1; page <= ROOM; page++) {
        bad += !page_is(top - (size_t)page * PAGE, (uint64_t)page, 5);
    }
    EXPECT(bad == 0, "%zu pages of a grown mapping", bad);
    EXPECT(madvise(top - ROOM * PAGE, 100 * PAGE, MADV_DONTNEED) == 0, "advice");
    EXPECT(pages_not_zero(top - ROOM * PAGE, 100 * PAGE) == 0, "dropped");
    EXPECT(munmap(top - 200 * PAGE, 50 * PAGE) == 0, "a hole");
    char *again = mmap(top - 200 * PAGE, 50 * PAGE, READ_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    EXPECT(again == top - 200 * PAGE && pages_not_zero(again, 50 * PAGE) == 0, "fresh memory there");
    EXPECT(page_is(top - 100 * PAGE, 100, 5) && page_is(top - 250 * PAGE, 250, 5), "the rest");
    CHECK(munmap(top - ROOM * PAGE, ROOM * PAGE) == 0);
    again = mmap(top - ROOM * PAGE, ROOM * PAGE, READ_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    EXPECT(again == top - ROOM * PAGE && pages_not_zero(again, ROOM * PAGE) == 0, "in its place");
    CHECK(munmap(again, ROOM * PAGE) == 0);
}

static int overflows(void *argument) {
    (void)argument;
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    return (int)depth_sum(1 << 20);
}

int main(void) {
    grown_mapping();
    EXPECT(recursion(NULL) == 0, "recursion");
    pressure();
    EXPECT(recursion(NULL) == 0, "recursion again");
    EXPECT(in_child(recursion, NULL) == 0, "recursion in a child");
    EXPECT(in_child(overflows, NULL) == 1000 + SIGSEGV, "recursion without end");
    pthread_t thread;
    void *bad;
    CHECK(pthread_create(&thread, NULL, in_thread, NULL) == 0 && pthread_join(thread, &bad) == 0);
    EXPECT(bad == NULL, "recursion in a thread");
    return verdict();
}
