/* MADV_WIPEONFORK, DONTFORK and their opposites, over several generations, also across a move and
 * with pages that are away. */
#include "situation.h"

static const size_t bytes = 32 * PAGE;
static char *wiped, *withheld, *plain;

static int grandchild(void *argument) {
    (void)argument;
    return pages_not_zero(wiped, bytes) == 0 && bad_pages(plain, bytes, 3) == 0 ? 0 : 1;
}

static int child(void *argument) {
    unsigned char vector;
    (void)argument;
    if (pages_not_zero(wiped, bytes) != 0) {
        return 1;
    }
    if (mincore(withheld, PAGE, &vector) != -1 || errno != ENOMEM) {
        return 2;
    }
    if (bad_pages(plain, bytes, 3) != 0) {
        return 3;
    }
    fill(wiped, bytes, 7); /* the mark is inherited: its own child finds zeros */
    char *there = mmap(withheld, bytes, READ_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (there != withheld || pages_not_zero(there, bytes) != 0) {
        return 4;
    }
    fill(there, bytes, 8);
    pressure();
    if (in_child(grandchild, NULL) != 0) {
        return 5;
    }
    return bad_pages(wiped, bytes, 7) == 0 && bad_pages(there, bytes, 8) == 0 ? 0 : 6;
}

static void parent_is_whole(const char *when) {
    EXPECT(bad_pages(wiped, bytes, 1) == 0, "%s: wiped for children", when);
    EXPECT(bad_pages(withheld, bytes, 2) == 0, "%s: withheld from children", when);
    EXPECT(bad_pages(plain, bytes, 3) == 0, "%s: plain", when);
}

static int sees_all(void *argument) {
    (void)argument;
    return bad_pages(wiped, bytes, 1) != 0 || bad_pages(withheld, bytes, 2) != 0 ||
           bad_pages(plain, bytes, 3) != 0;
}

int main(void) {
    wiped = map_filled(bytes, 1);
    withheld = map_filled(bytes, 2);
    plain = map_filled(bytes, 3);
    EXPECT(madvise(wiped, bytes, MADV_WIPEONFORK) == 0, "WIPEONFORK");
    EXPECT(madvise(withheld, bytes, MADV_DONTFORK) == 0, "DONTFORK");
    for (int round = 0; round < 3; round++) {
        int status = in_child(child, NULL);
        EXPECT(status == 0, "round %d: child %d", round, status);
        parent_is_whole("after a fork");
        pressure();
        if (round == 1) {
            wiped = mremap(wiped, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, map_anon(bytes));
            withheld =
                mremap(withheld, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, map_anon(bytes));
            CHECK(wiped != MAP_FAILED && withheld != MAP_FAILED);
        }
    }
    EXPECT(madvise(wiped, bytes, MADV_KEEPONFORK) == 0, "KEEPONFORK");
    EXPECT(madvise(withheld, bytes, MADV_DOFORK) == 0, "DOFORK");
    EXPECT(in_child(sees_all, NULL) == 0, "a child that has it all");
    pressure();
    EXPECT(in_child(sees_all, NULL) == 0, "a child that has it all, with pages away");
    parent_is_whole("at the end");
    int file = open("some-file", O_CREAT | O_RDWR, 0600);
    CHECK(file >= 0 && ftruncate(file, (off_t)bytes) == 0 && unlink("some-file") == 0);
    char *mapped = mmap(NULL, bytes, READ_WRITE, MAP_PRIVATE, file, 0);
    CHECK(mapped != MAP_FAILED);
    REFUSED(madvise(mapped, bytes, MADV_WIPEONFORK), EINVAL);
    return verdict();
}
