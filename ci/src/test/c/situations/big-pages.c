/* Requests for huge pages (madvise, prctl, MAP_HUGETLB, aligned regions) change nothing about
 * content; merging (KSM) neither. */
#include "situation.h"

enum { COLLAPSE = 25 };
static const size_t bytes = 8 * MIB;

int main(void) {
    char *at = map_anon(bytes + 2 * MIB);
    char *aligned = (char *)(((uintptr_t)at + 2 * MIB - 1) & ~(2 * MIB - 1));
    madvise(aligned, bytes, MADV_HUGEPAGE); /* EINVAL on kernels without them */
    fill(aligned, bytes, 1);
    pressure();
    EXPECT(bad_pages(aligned, bytes, 1) == 0, "content");
    madvise(aligned, bytes, COLLAPSE);
    EXPECT(bad_pages(aligned, bytes, 1) == 0, "content after collapsing");
    madvise(aligned, bytes, MADV_MERGEABLE);
    pressure();
    EXPECT(bad_pages(aligned, bytes, 1) == 0, "content after merging");
    madvise(aligned, bytes, MADV_UNMERGEABLE);
    struct work work = {aligned, bytes, 1};
    EXPECT(in_child(works_with, &work) == 0, "a child");
    EXPECT(madvise(aligned + PAGE, PAGE, MADV_DONTNEED) == 0 && page_is_zero(aligned + PAGE), "drop");
    EXPECT(page_is(aligned, 0, 1) && page_is(aligned + 2 * PAGE, 2, 1), "beside it");
    EXPECT(madvise(aligned, bytes, MADV_NOHUGEPAGE) == 0 || errno == EINVAL, "no huge pages");
    EXPECT(mprotect(aligned + 5 * PAGE, PAGE, PROT_READ) == 0, "one page of many");
    pressure();
    EXPECT(page_is(aligned + 5 * PAGE, 5, 1), "that page");
    void *huge = mmap(NULL, 2 * MIB, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    if (huge != MAP_FAILED) {
        fill(huge, 2 * MIB, 2);
        EXPECT(bad_pages(huge, 2 * MIB, 2) == 0, "a page of hugetlbfs");
    } else {
        EXPECT(errno == ENOMEM || errno == EINVAL || errno == ENOENT, "no page of hugetlbfs");
    }
    return verdict();
}
