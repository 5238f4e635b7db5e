/* Where a random program works: an area for its mappings, one for those of a thread beside it, the heap,
 * and a mapping that grows down. */
#ifndef LEGO_TEST_RANDOM_AREAS_H
#define LEGO_TEST_RANDOM_AREAS_H

#include "advice.h"

enum { BESIDE = 192, HEAP = 192, STACK = 256 };

static struct area beside, heap, stack;
static int stack_lowest, heap_end;

/* The areas lie where nothing else comes on its own, each between walls. */
static struct area reserve(const char *name, int pages) {
    static char *at = (char *)0x300000000000;
    struct area area = {name, NULL, pages, NULL};
    size_t bytes = (size_t)(pages + 600) * PAGE;
    char *whole = MAP_FAILED;
    for (int try = 0; whole == MAP_FAILED && try < 64; try++, at += (size_t)1 << 36) {
        whole = mmap(at, bytes, PROT_NONE, PRIVATE_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    }
    CHECK(whole != MAP_FAILED);
    area.base = whole + 300 * PAGE;
    area.page = (struct page *)map_anon(((size_t)pages * sizeof *area.page + PAGE) & ~(PAGE - 1));
    return area;
}

static void free_area(struct area *area) {
    CHECK(munmap(area->base, (size_t)area->pages * PAGE) == 0);
}

/* The mapping that grows down begins at the top of its area and has all the rest below it. */
static void prepare(void) {
    struct course unseen = {0};
    beside = reserve("the area beside", BESIDE);
    free_area(&beside);
    stack = reserve("the stack", STACK);
    free_area(&stack);
    stack_lowest = STACK - 4;
    CHECK(mmap(address(&stack, stack_lowest), 4 * PAGE, READ_WRITE,
               PRIVATE_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0) != MAP_FAILED);
    mapped_anew(&unseen, &stack, stack_lowest, 4, READ_WRITE);
    heap = (struct area){"the heap", NULL, HEAP, NULL};
    heap.page = (struct page *)map_anon(HEAP * sizeof *heap.page / PAGE * PAGE + 2 * PAGE);
    heap.base = (char *)(((uintptr_t)syscall(SYS_brk, 0) + PAGE - 1) & ~(PAGE - 1));
    content_file = (int)syscall(SYS_memfd_create, "content", 0);
    char name[40];
    snprintf(name, sizeof name, "/proc/self/fd/%d", content_file);
    unreadable = open(name, O_WRONLY);
    CHECK(unreadable >= 0);
    CHECK(content_file >= 0 && ftruncate(content_file, FILE_PAGES * (off_t)PAGE) == 0);
    for (int i = 0; i < FILE_PAGES; i++) {
        static char page[PAGE];
        write_page(page, file_content(i));
        CHECK(pwrite(content_file, page, PAGE, i * (off_t)PAGE) == (ssize_t)PAGE);
    }
}

static void grow_stack(struct course *course, int count) {
    int lowest = stack_lowest < count ? 0 : stack_lowest - count;
    for (int i = stack_lowest - 1; i >= lowest; i--) {
        mapped_anew(course, &stack, i, 1, READ_WRITE);
        write_pages(course, &stack, i, 1);
    }
    stack_lowest = lowest;
    check(course, &stack, 0, STACK);
}

static void shrink_stack(struct course *course, int count) {
    if (stack_lowest + count > STACK - 4) {
        return;
    }
    expect(course, munmap(address(&stack, stack_lowest), (size_t)count * PAGE), 0);
    forget(course, &stack, stack_lowest, count);
    stack_lowest += count;
}

static void move_heap_end(struct course *course) {
    int end = below(course, HEAP + 1);
    char *wanted = address(&heap, end);
    if ((char *)syscall(SYS_brk, wanted) != wanted) {
        fail(course, "brk to page %d", end);
    }
    if (end > heap_end) {
        mapped_anew(course, &heap, heap_end, end - heap_end, READ_WRITE);
        write_pages(course, &heap, heap_end, 1 + below(course, end - heap_end));
    } else if (end < heap_end) {
        forget(course, &heap, end, heap_end - end);
    }
    heap_end = end;
}

static void join(struct course *course, pid_t child) {
    int status;
    if (waitpid(child, &status, 0) != child || status != 0) {
        fail(course, "a child ended with %x", status);
    }
}

#endif
