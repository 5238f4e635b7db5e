/* Shared memory (memfd, POSIX, anonymous) is laid over private memory that is away, and private
 * memory over shared: readers in other processes see exactly what was written. */
#include "situation.h"

static const size_t bytes = 48 * PAGE;

static int reads_and_answers(void *argument) {
    char *at = argument;
    if (bad_pages(at, bytes, 2) != 0) {
        return 1;
    }
    fill(at, bytes, 3);
    return 0;
}

static int private_copy(void *argument) {
    char *at = argument;
    fill(at, bytes, 9);
    return bad_pages(at, bytes, 9) == 0 ? 0 : 1;
}

int main(void) {
    int file = memfd_create("shared", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    CHECK(file >= 0 && ftruncate(file, (off_t)bytes) == 0);
    char *at = map_filled(3 * bytes, 1);
    pressure();
    char *middle = at + bytes;
    CHECK(mmap(middle, bytes, READ_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == middle);
    EXPECT(pages_not_zero(middle, bytes) == 0, "the memfd is empty");
    fill(middle, bytes, 2);
    EXPECT(in_child(reads_and_answers, middle) == 0, "a child reads and answers");
    EXPECT(bad_pages(middle, bytes, 3) == 0, "its answer");
    EXPECT(page_is(at, 0, 1) && page_is(at + 2 * bytes, 96, 1), "private memory beside it");
    CHECK(mmap(middle, bytes, READ_WRITE, MAP_PRIVATE | MAP_FIXED, file, 0) == middle);
    EXPECT(bad_pages(middle, bytes, 3) == 0, "a private view");
    EXPECT(in_child(private_copy, middle) == 0, "a child's private copy");
    fill(middle, bytes / 2, 4);
    pressure();
    EXPECT(bad_pages(middle, bytes / 2, 4) == 0, "written in the private view");
    EXPECT(page_is(middle + bytes / 2, 24, 3), "not written");
    EXPECT(madvise(middle, bytes, MADV_DONTNEED) == 0 && bad_pages(middle, bytes, 3) == 0,
           "dropped: the file's content is back");
    CHECK(mmap(middle, bytes, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == middle);
    EXPECT(pages_not_zero(middle, bytes) == 0, "anonymous memory in its place");
    fill(at, 3 * bytes, 5);
    pressure();
    EXPECT(bad_pages(at, 3 * bytes, 5) == 0, "all of it private again");
    char *shared = mmap(at, bytes, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    EXPECT(shared == at && pages_not_zero(at, bytes) == 0, "shared anonymous memory");
    fill(at, bytes, 2);
    EXPECT(in_child(reads_and_answers, at) == 0 && bad_pages(at, bytes, 3) == 0, "shared");
    char *second = mremap(at, 0, bytes, MREMAP_MAYMOVE);
    EXPECT(second != MAP_FAILED && bad_pages(second, bytes, 3) == 0, "a second view");
    fill(second, bytes, 6);
    EXPECT(bad_pages(at, bytes, 6) == 0, "both views are one");
    CHECK(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE) == 0);
    EXPECT(mmap(middle, bytes, READ_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED &&
               errno == EPERM,
           "a sealed file is not mapped for writing");
    EXPECT(page_is(middle, 48, 5), "what was there stays");
    return verdict();
}
