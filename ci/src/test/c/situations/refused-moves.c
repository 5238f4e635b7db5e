/* mremap that is refused leaves source and target whole; mremap that works moves content that is
 * away, onto other memory too, splits mappings, leaves the source empty and in place when asked. */
#include "situation.h"

static const size_t bytes = 32 * PAGE;
static char *from, *to;

static void refused(const char *what, char *source, size_t old, size_t new, int flags, char *target,
                    int error) {
    fill(from, bytes, 1);
    fill(to, bytes, 2);
    pressure();
    errno = 0;
    void *answer = mremap(source, old, new, flags, target);
    EXPECT(answer == MAP_FAILED && errno == error, "%s is refused with %s", what, strerror(error));
    EXPECT(bad_pages(from, bytes, 1) == 0, "%s: source", what);
    EXPECT(bad_pages(to, bytes, 2) == 0, "%s: target", what);
}

static void refusals(void) {
    const int fixed = MREMAP_FIXED | MREMAP_MAYMOVE;
    refused("fixed alone", from, bytes, bytes, MREMAP_FIXED, to, EINVAL);
    refused("onto itself", from, bytes, bytes, fixed, from + PAGE, EINVAL);
    refused("onto itself from above", from + PAGE, bytes - PAGE, bytes - PAGE, fixed, from, EINVAL);
    refused("an odd source", from + 1, PAGE, PAGE, fixed, to, EINVAL);
    refused("an odd target", from, bytes, bytes, fixed, to + 1, EINVAL);
    refused("to nothing", from, bytes, 0, MREMAP_MAYMOVE, NULL, EINVAL);
    refused("unknown flags", from, bytes, bytes, 64, NULL, EINVAL);
    refused("too large a target", from, bytes, (size_t)1 << 47, fixed, to, EINVAL);
    refused("too large", from, bytes, (size_t)1 << 46, MREMAP_MAYMOVE, NULL, ENOMEM);
    refused("beyond the mapping", from, bytes + 64 * PAGE, bytes + 70 * PAGE, MREMAP_MAYMOVE,
            NULL, EFAULT);
    refused("no room to grow", from, PAGE, 2 * PAGE, 0, NULL, ENOMEM);
    refused("keep, but grow", from, bytes, bytes + PAGE, MREMAP_DONTUNMAP | MREMAP_MAYMOVE, NULL,
            EINVAL);
}

static void moves(void) {
    fill(from, bytes, 3);
    fill(to, bytes, 4);
    pressure();
    char *answer = mremap(from + 8 * PAGE, 8 * PAGE, 8 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE,
                          to + 16 * PAGE);
    EXPECT(answer == to + 16 * PAGE, "a part onto a part");
    for (size_t i = 0; i < 8; i++) {
        EXPECT(page_is(to + (16 + i) * PAGE, 8 + i, 3), "moved page %zu", i);
    }
    EXPECT(page_is(to + 15 * PAGE, 15, 4) && page_is(to + 24 * PAGE, 24, 4), "beside the target");
    EXPECT(page_is(from + 7 * PAGE, 7, 3) && page_is(from + 16 * PAGE, 16, 3), "beside the source");
    char *hole = mmap(from + 8 * PAGE, 8 * PAGE, READ_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    EXPECT(hole == from + 8 * PAGE && pages_not_zero(hole, 8 * PAGE) == 0, "where it was");
    from = map_filled(bytes, 5);
    pressure();
    char *kept = mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    EXPECT(kept == MAP_FAILED ? errno == EINVAL : kept != from, "a move that keeps its source");
    if (kept != MAP_FAILED) {
        EXPECT(bad_pages(kept, bytes, 5) == 0, "moved content");
        EXPECT(pages_not_zero(from, bytes) == 0, "the source is empty");
        fill(from, bytes, 6);
        pressure();
        EXPECT(bad_pages(kept, bytes, 5) == 0 && bad_pages(from, bytes, 6) == 0, "both");
    }
}

/* A range that ends in a hole: recent kernels move what there is and leave the target behind it alone. */
static void move_with_a_hole(void) {
    char *source = map_filled(16 * PAGE, 9);
    char *target = map_filled(16 * PAGE, 10);
    CHECK(munmap(source + 8 * PAGE, 8 * PAGE) == 0);
    pressure();
    void *answer =
        mremap(source, 16 * PAGE, 16 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, target);
    int moved = answer == target;
    EXPECT(moved || (answer == MAP_FAILED && errno == EFAULT), "a move with a hole");
    printf("a range with a hole is %s\n", moved ? "moved" : "refused");
    pressure();
    for (size_t i = 0; i < 16; i++) {
        EXPECT(page_is(target + i * PAGE, i, moved && i < 8 ? 9 : 10), "target page %zu", i);
    }
}

static void resizes(void) {
    char *at = map_filled(64 * PAGE, 7);
    pressure();
    EXPECT(mremap(at, 64 * PAGE, 16 * PAGE, 0) == at, "shrink");
    EXPECT(mremap(at, 16 * PAGE, 64 * PAGE, 0) == at, "grow again in place");
    EXPECT(bad_pages(at, 16 * PAGE, 7) == 0, "what stayed");
    EXPECT(pages_not_zero(at + 16 * PAGE, 48 * PAGE) == 0, "what came is zero");
    fill(at, 64 * PAGE, 8);
    char *target = map_anon(128 * PAGE);
    EXPECT(mremap(at, 64 * PAGE, 100 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, target) == target,
           "moved and grown");
    EXPECT(bad_pages(target, 64 * PAGE, 8) == 0, "moved content");
    EXPECT(pages_not_zero(target + 64 * PAGE, 64 * PAGE) == 0, "and zeros behind it");
    char *back = map_anon(64 * PAGE);
    EXPECT(mremap(target, 64 * PAGE, 8 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, back) == back,
           "moved and shrunk");
    EXPECT(bad_pages(back, 8 * PAGE, 8) == 0 && pages_not_zero(back + 8 * PAGE, 56 * PAGE) == 0,
           "its content");
    unsigned char vector;
    REFUSED(mincore(target + 8 * PAGE, PAGE, &vector), ENOMEM);
}

int main(void) {
    from = map_filled(bytes, 1);
    map_anon(PAGE);
    to = map_filled(bytes, 2);
    map_anon(PAGE);
    /* Walls, so that nothing merges and nothing can grow in place. */
    CHECK(mprotect(map_anon(PAGE), PAGE, PROT_NONE) == 0);
    char *room = map_anon(4 * bytes);
    CHECK(mprotect(room, 4 * bytes, PROT_NONE) == 0);
    from = mremap(from, bytes, bytes, MREMAP_FIXED | MREMAP_MAYMOVE, room + PAGE);
    to = mremap(to, bytes, bytes, MREMAP_FIXED | MREMAP_MAYMOVE, room + 2 * bytes);
    CHECK(from == room + PAGE && to == room + 2 * bytes);
    refusals();
    moves();
    move_with_a_hole();
    resizes();
    return verdict();
}
