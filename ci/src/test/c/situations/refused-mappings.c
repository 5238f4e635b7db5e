/* Fixed mappings that the kernel refuses leave everything as it was, away or not; those that it
 * carries out replace exactly their range. */
#include "situation.h"
#include <sys/stat.h>

enum { ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS };
static const size_t bytes = 32 * PAGE;
static char *at;

static void refused(const char *what, size_t from, size_t length, int protection, int flags,
                    int file, off_t offset, int error) {
    fill(at, bytes, 1);
    pressure();
    errno = 0;
    void *answer = mmap(at + from, length, protection, flags, file, offset);
    EXPECT(answer == MAP_FAILED && errno == error, "%s is refused with %s", what, strerror(error));
    EXPECT(bad_pages(at, bytes, 1) == 0, "%s: content", what);
}

static void refusals(void) {
    int pipes[2], directory = open(".", O_RDONLY), reader = open("/proc/self/exe", O_RDONLY);
    int writer = open("only-written", O_CREAT | O_WRONLY | O_TRUNC, 0600);
    CHECK(pipe(pipes) == 0 && directory >= 0 && reader >= 0 && writer >= 0);
    CHECK(ftruncate(writer, MIB) == 0 && unlink("only-written") == 0);
    refused("noreplace", 0, bytes, READ_WRITE, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0, EEXIST);
    refused("noreplace of one page", 9 * PAGE, PAGE, READ_WRITE,
            ANONYMOUS | MAP_FIXED | MAP_FIXED_NOREPLACE, -1, 0, EEXIST);
    refused("a pipe", 0, bytes, PROT_READ, MAP_PRIVATE | MAP_FIXED, pipes[0], 0, ENODEV);
    refused("a directory", 0, bytes, PROT_READ, MAP_PRIVATE | MAP_FIXED, directory, 0, ENODEV);
    refused("a file for writing", 0, bytes, PROT_READ, MAP_PRIVATE | MAP_FIXED, writer, 0, EACCES);
    refused("shared write to a file for reading", PAGE, PAGE, READ_WRITE, MAP_SHARED | MAP_FIXED,
            reader, 0, EACCES);
    refused("an odd offset", 0, bytes, PROT_READ, MAP_PRIVATE | MAP_FIXED, reader, 77, EINVAL);
    refused("no descriptor", 0, bytes, PROT_READ, MAP_PRIVATE | MAP_FIXED, 9999, 0, EBADF);
    refused("neither private nor shared", 0, bytes, READ_WRITE, MAP_ANONYMOUS | MAP_FIXED, -1, 0,
            EINVAL);
    refused("an odd address", 5, PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0, EINVAL);
    refused("no length", 0, 0, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0, EINVAL);
    refused("more than there is", 0, (size_t)1 << 47, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0,
            ENOMEM);
    close(pipes[0]), close(pipes[1]), close(directory), close(reader), close(writer);
}

static int limited(void *argument) {
    (void)argument;
    struct rlimit limit = {200 * MIB, 200 * MIB};
    fill(at, bytes, 1);
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    void *answer = mmap(at, 400 * MIB, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0);
    EXPECT(answer == MAP_FAILED && errno == ENOMEM, "beyond RLIMIT_AS");
    EXPECT(bad_pages(at, bytes, 1) == 0, "content");
    EXPECT(mremap(at, bytes, 400 * MIB, MREMAP_MAYMOVE) == MAP_FAILED && errno == ENOMEM, "mremap");
    EXPECT(bad_pages(at, bytes, 1) == 0, "content");
    return surprises != 0;
}

static void carried_out(void) {
    char source[] = "a-file";
    int file = open(source, O_CREAT | O_RDWR | O_TRUNC, 0600);
    CHECK(file >= 0 && unlink(source) == 0 && ftruncate(file, (off_t)bytes) == 0);
    fill(at, bytes, 1);
    pressure();
    EXPECT(mmap(at + 4 * PAGE, 4 * PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0) == at + 4 * PAGE,
           "anonymous");
    EXPECT(pages_not_zero(at + 4 * PAGE, 4 * PAGE) == 0, "new pages are zero");
    EXPECT(mmap(at + 12 * PAGE, 4 * PAGE, READ_WRITE, MAP_SHARED | MAP_FIXED, file, 0) ==
               at + 12 * PAGE,
           "shared file");
    fill_page(at + 12 * PAGE, 70, 2);
    char page[PAGE];
    EXPECT(pread(file, page, PAGE, 0) == (ssize_t)PAGE && page_is(page, 70, 2), "what the file has");
    EXPECT(mmap(at + 20 * PAGE, 4 * PAGE, READ_WRITE, MAP_PRIVATE | MAP_FIXED, file, 0) ==
               at + 20 * PAGE,
           "private file");
    EXPECT(page_is(at + 20 * PAGE, 70, 2), "what the private mapping has");
    pressure();
    size_t bad = 0;
    for (size_t number = 0; number < 32; number++) {
        int replaced = (number >= 4 && number < 8) || (number >= 12 && number < 16) ||
                       (number >= 20 && number < 24);
        bad += !replaced && !page_is(at + number * PAGE, number, 1);
    }
    EXPECT(bad == 0, "%zu pages beside them", bad);
    EXPECT(mmap(at, bytes, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0) == at, "over it all");
    EXPECT(pages_not_zero(at, bytes) == 0, "zeros");
    fill(at, bytes, 3);
    pressure();
    EXPECT(bad_pages(at, bytes, 3) == 0, "and its own content");
    char *hole = map_anon(4 * PAGE);
    CHECK(munmap(hole, 4 * PAGE) == 0);
    EXPECT(mmap(hole, 4 * PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == hole, "hole");
    CHECK(munmap(hole, 4 * PAGE) == 0);
    EXPECT(mmap(hole, 4 * PAGE, READ_WRITE, ANONYMOUS, -1, 0) == hole, "a hint");
}

int main(void) {
    at = map_filled(bytes, 1);
    refusals();
    EXPECT(in_child(limited, NULL) == 0, "limits");
    carried_out();
    return verdict();
}
