/* What a random program does to the mappings of its area: each action asks the kernel, compares its
 * answer with the one that the model says, and then changes the model. */
#ifndef LEGO_TEST_RANDOM_MAPPINGS_H
#define LEGO_TEST_RANDOM_MAPPINGS_H

#include "model.h"

enum { PRIVATE_ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS };

static int content_file; /* memfd of FILE_PAGES pages */
static int unreadable;   /* the same, for writing only */

/* The answer must be success, or that error. */
static inline void expect(struct course *course, long answer, int wanted) {
    int got = answer == -1 ? errno : 0;
    if (got != wanted) {
        fail(course, "answer %s instead of %s", got ? strerror(got) : "success",
             wanted ? strerror(wanted) : "success");
    }
    note(course, (uint64_t)wanted);
}

static inline int random_protection(struct course *course) {
    int choice = below(course, 10);
    return choice < 8 ? READ_WRITE : choice == 8 ? PROT_READ : PROT_NONE;
}

static inline void map_fixed(struct course *course, int from, int count) {
    struct area *area = &course->area;
    int protection = random_protection(course);
    char *answer = mmap(address(area, from), (size_t)count * PAGE, protection,
                        PRIVATE_ANONYMOUS | MAP_FIXED, -1, 0);
    expect(course, answer == address(area, from) ? 0 : -1, 0);
    mapped_anew(course, area, from, count, protection);
}

static inline void map_no_replace(struct course *course, int from, int count) {
    struct area *area = &course->area;
    int is_free = all(area, from, count, FREE_PLACE);
    char *answer = mmap(address(area, from), (size_t)count * PAGE, READ_WRITE,
                        PRIVATE_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    expect(course, answer == MAP_FAILED ? -1 : 0, is_free ? 0 : EEXIST);
    if (is_free) {
        mapped_anew(course, area, from, count, READ_WRITE);
    }
}

static inline void map_file(struct course *course, int from, int count) {
    struct area *area = &course->area;
    int wanted = below(course, 3) == 0 ? EINVAL : 0; /* an odd offset */
    int offset = below(course, FILE_PAGES - count + 1);
    char *answer = mmap(address(area, from), (size_t)count * PAGE, READ_WRITE,
                        MAP_PRIVATE | MAP_FIXED, content_file,
                        (off_t)offset * (off_t)PAGE + (wanted ? 8 : 0));
    expect(course, answer == MAP_FAILED ? -1 : 0, wanted);
    if (wanted != 0) {
        return;
    }
    mapped_anew(course, area, from, count, READ_WRITE);
    for (int i = 0; i < count; i++) {
        area->page[from + i].content = file_content(offset + i);
        area->page[from + i].file = (uint16_t)(offset + i + 1);
    }
}

/* What a refusal leaves alone is away when it comes. */
static inline void refused(struct course *course, int from, int count) {
    struct area *area = &course->area;
    size_t bytes = (size_t)count * PAGE;
    write_pages(course, area, from, count);
    pressure();
    if (below(course, 2)) {
        void *answer = mmap(address(area, from), bytes, PROT_READ, MAP_PRIVATE | MAP_FIXED,
                            unreadable, 0);
        expect(course, answer == MAP_FAILED ? -1 : 0, EACCES);
    } else {
        void *answer = mremap(address(area, from), bytes, bytes, MREMAP_FIXED | MREMAP_MAYMOVE,
                              address(area, from + below(course, count)));
        expect(course, answer == MAP_FAILED ? -1 : 0, EINVAL);
    }
    check(course, area, from, count);
}

static inline void unmap(struct course *course, int from, int count) {
    struct area *area = &course->area;
    expect(course, munmap(address(area, from), (size_t)count * PAGE), 0);
    forget(course, area, from, count);
}

/* The pages go to their new place with all that they are; what is added is zero and alike. */
static inline void moved(struct course *course, int from, int count, int to, int new_count,
                         int keep_source) {
    struct page pages[64];
    struct area *area = &course->area;
    memcpy(pages, &area->page[from], (size_t)count * sizeof *pages);
    if (keep_source) {
        part(course, area, from, count);
        for (int i = from; i < from + count; i++) {
            area->page[i].content = area->page[i].file ? file_content(area->page[i].file - 1) : 0;
            area->page[i].freed = 0;
        }
    } else {
        forget(course, area, from, count);
    }
    mapped_anew(course, area, to, new_count, pages[0].protection);
    uint32_t origin = area->page[to].origin;
    for (int i = 0; i < new_count; i++) {
        area->page[to + i] = pages[i < count ? i : 0];
        area->page[to + i].origin = origin;
        if (i >= count) {
            area->page[to + i].content = 0;
            area->page[to + i].freed = 0;
        }
    }
}

static inline void resize_in_place(struct course *course, int from, int count) {
    struct area *area = &course->area;
    int new_count = 1 + below(course, 48);
    if (!all(area, from, count, MAPPED | ONE_VMA | ANONYMOUS | UNLOCKED)) {
        return;
    }
    int fits = new_count <= count || all(area, from + count, new_count - count, FREE_PLACE);
    char *answer = mremap(address(area, from), (size_t)count * PAGE, (size_t)new_count * PAGE, 0);
    expect(course, answer == MAP_FAILED ? -1 : 0, fits ? 0 : ENOMEM);
    if (!fits) {
        return;
    }
    if (new_count < count) {
        forget(course, area, from + new_count, count - new_count);
    }
    for (int i = count; i < new_count; i++) {
        area->page[from + i] = area->page[from];
        area->page[from + i].content = 0;
        area->page[from + i].freed = 0;
    }
}

static inline int apart(int from, int count, int to, int new_count) {
    return from + count <= to || to + new_count <= from;
}

/* To a place of its own choice, over whatever is there; now and then in a way that is refused. */
static inline void move_fixed(struct course *course, int from, int count) {
    struct area *area = &course->area;
    int new_count = below(course, 2) ? count : 1 + below(course, 48);
    int to = below(course, area->pages - 48);
    if (!all(area, from, count, MAPPED | ONE_VMA | UNLOCKED) ||
        (new_count > count && !all(area, from, count, ANONYMOUS))) {
        return;
    }
    int may_move = below(course, 8) != 0;
    int wanted = may_move && apart(from, count, to, new_count) ? 0 : EINVAL;
    char *answer = mremap(address(area, from), (size_t)count * PAGE, (size_t)new_count * PAGE,
                          MREMAP_FIXED | (may_move ? MREMAP_MAYMOVE : 0), address(area, to));
    expect(course, answer == MAP_FAILED ? -1 : 0, wanted);
    if (wanted == 0) {
        moved(course, from, count, to, new_count, 0);
    }
}

/* To where the kernel likes, and from there into the area. */
static inline void move_anywhere(struct course *course, int from, int count) {
    struct area *area = &course->area;
    int new_count = count + below(course, 48 - count + 1);
    int to = below(course, area->pages - 48);
    if (!all(area, from, count, MAPPED | ONE_VMA | ANONYMOUS | UNLOCKED) ||
        !apart(from, new_count, to, new_count)) {
        return;
    }
    size_t bytes = (size_t)new_count * PAGE;
    char *where = mremap(address(area, from), (size_t)count * PAGE, bytes, MREMAP_MAYMOVE);
    expect(course, where == MAP_FAILED ? -1 : 0, 0);
    char *answer = mremap(where, bytes, bytes, MREMAP_FIXED | MREMAP_MAYMOVE, address(area, to));
    expect(course, answer == MAP_FAILED ? -1 : 0, 0);
    moved(course, from, count, to, new_count, 0);
}

static inline void move_and_keep(struct course *course, int from, int count) {
    struct area *area = &course->area;
    int to = below(course, area->pages - 48);
    if (!all(area, from, count, MAPPED | ONE_VMA | ANONYMOUS | UNLOCKED) ||
        !apart(from, count, to, count)) {
        return;
    }
    char *answer = mremap(address(area, from), (size_t)count * PAGE, (size_t)count * PAGE,
                          MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP, address(area, to));
    expect(course, answer == MAP_FAILED ? -1 : 0, 0);
    moved(course, from, count, to, count, 1);
}

static inline void protect(struct course *course, int from, int count) {
    struct area *area = &course->area;
    int protection = random_protection(course);
    if (!all(area, from, count, MAPPED | UNLOCKED)) {
        return;
    }
    expect(course, mprotect(address(area, from), (size_t)count * PAGE, protection), 0);
    part(course, area, from, count);
    for (int i = from; i < from + count; i++) {
        area->page[i].protection = (uint8_t)protection;
    }
}

#endif
