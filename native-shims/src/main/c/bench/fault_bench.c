/*
 * Measures what an access to an absent page costs, from inside the program that makes it.
 *
 * By itself it is an ordinary program: it fills a range of anonymous memory and touches one word of
 * each page, in random or ascending order, and times every access; run it natively, or on remote
 * memory. With --handler it brings its own floor: the smallest userfaultfd handler there is, in a
 * process of its own, that blocks in read() and answers each fault by UFFDIO_COPY of one page from
 * its local memory. Samples and permutation lie in shared memory, which nobody pages.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL

/* What the handler spends in UFFDIO_COPY, in shared memory. */
struct copies {
    volatile uint64_t count;
    volatile uint64_t sum_ns;
};

static struct copies *copies;

struct settings {
    size_t pages;
    size_t accesses;
    size_t warm_up;
    size_t batch_pages;
    int handler;
    int cpu;
    int handler_cpu;
    int sequential;
    int write;
    uint64_t fault_ns_min;
};

static void die(const char *what) {
    fprintf(stderr, "fault_bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

static void pin(int cpu) {
    if (cpu < 0) {
        return;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) {
        die("sched_setaffinity");
    }
}

static void *shared_memory(size_t bytes) {
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        die("mmap of shared memory");
    }
    return at;
}

/* A page holds words that tell which page it is; only the first is looked at while timing. */
static void fill(char *at, size_t pages) {
    for (size_t p = 0; p < pages; p++) {
        uint64_t *words = (uint64_t *)(at + p * PAGE);
        for (size_t i = 0; i < PAGE / sizeof *words; i += 8) {
            words[i] = mix(p * 512 + i + 1);
        }
    }
}

static void send_descriptor(int channel, int descriptor, char *base) {
    char control[CMSG_SPACE(sizeof(int))];
    memset(control, 0, sizeof control);
    struct iovec payload = {&base, sizeof base};
    struct msghdr message = {.msg_iov = &payload, .msg_iovlen = 1, .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    if (sendmsg(channel, &message, 0) < 0) {
        die("sendmsg");
    }
}

static int receive_descriptor(int channel, char **base) {
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec payload = {base, sizeof *base};
    struct msghdr message = {.msg_iov = &payload, .msg_iovlen = 1, .msg_control = control,
                             .msg_controllen = sizeof control};
    int descriptor;
    if (recvmsg(channel, &message, 0) <= 0 || CMSG_FIRSTHDR(&message) == NULL) {
        die("recvmsg");
    }
    memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
    return descriptor;
}

/* The handler process: never returns; the death of the program ends it. */
static void serve(int channel, const struct settings *s) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pin(s->handler_cpu);
    char *base;
    int uffd = receive_descriptor(channel, &base);
    char *local = mmap(NULL, s->pages * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (local == MAP_FAILED) {
        die("mmap of the handler's memory");
    }
    fill(local, s->pages);
    if (write(channel, "r", 1) != 1) {
        die("write");
    }
    struct uffd_msg message;
    while (read(uffd, &message, sizeof message) == (ssize_t)sizeof message) {
        if (message.event != UFFD_EVENT_PAGEFAULT) {
            continue;
        }
        size_t page = (message.arg.pagefault.address - (uintptr_t)base) / PAGE;
        size_t count = s->batch_pages < s->pages - page ? s->batch_pages : s->pages - page;
        struct uffdio_copy copy = {.dst = (uintptr_t)base + page * PAGE,
                                   .src = (uintptr_t)local + page * PAGE,
                                   .len = count * PAGE};
        uint64_t start = now_ns();
        while (ioctl(uffd, UFFDIO_COPY, &copy) != 0) {
            if (errno == EEXIST) {
                struct uffdio_range range = {copy.dst, PAGE};
                ioctl(uffd, UFFDIO_WAKE, &range);
                break;
            }
            if (errno != EAGAIN) {
                die("UFFDIO_COPY");
            }
            copy.copy = 0;
        }
        copies->sum_ns += now_ns() - start;
        copies->count++;
    }
    die("read of userfaultfd");
}

static int open_userfaultfd(void) {
    int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
    int uffd = -1;
    if (device >= 0) {
        uffd = ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC);
        close(device);
    }
    if (uffd < 0) {
        uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
    }
    if (uffd < 0) {
        die("userfaultfd (root, or vm.unprivileged_userfaultfd=1, is needed)");
    }
    struct uffdio_api api = {.api = UFFD_API};
    if (ioctl(uffd, UFFDIO_API, &api) != 0) {
        die("UFFDIO_API");
    }
    return uffd;
}

static void start_handler(char *base, const struct settings *s) {
    int channel[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel) != 0) {
        die("socketpair");
    }
    pid_t handler = fork();
    if (handler < 0) {
        die("fork");
    }
    if (handler == 0) {
        serve(channel[1], s);
    }
    int uffd = open_userfaultfd();
    struct uffdio_register area = {.range = {(uintptr_t)base, s->pages * PAGE},
                                   .mode = UFFDIO_REGISTER_MODE_MISSING};
    if (ioctl(uffd, UFFDIO_REGISTER, &area) != 0) {
        die("UFFDIO_REGISTER");
    }
    send_descriptor(channel[0], uffd, base);
    char ready;
    if (read(channel[0], &ready, 1) != 1) {
        die("the handler did not start");
    }
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void shuffle(uint32_t *order, size_t length, uint64_t seed) {
    for (size_t i = length - 1; i > 0; i--) {
        size_t j = mix(seed + i) % (i + 1);
        uint32_t kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

/* Touches pages and fills the samples; returns the nanoseconds in accesses after the warm-up. */
static uint64_t touch(char *base, const struct settings *s, uint32_t *samples) {
    uint32_t *order = shared_memory(s->pages * sizeof *order);
    for (size_t p = 0; p < s->pages; p++) {
        order[p] = (uint32_t)p;
    }
    uint64_t sum_ns = 0;
    size_t all = s->warm_up + s->accesses;
    for (size_t done = 0; done < all;) {
        if (s->handler && madvise(base, s->pages * PAGE, MADV_DONTNEED) != 0) {
            die("madvise");
        }
        if (!s->sequential) {
            shuffle(order, s->pages, done + 1);
        }
        for (size_t i = 0; i < s->pages && done < all; i++, done++) {
            volatile uint64_t *word = (volatile uint64_t *)(base + order[i] * PAGE);
            uint64_t start = now_ns();
            uint64_t seen = *word;
            if (s->write) {
                *word = seen;
            }
            uint64_t took = now_ns() - start;
            if (done >= s->warm_up) {
                sum_ns += took;
                samples[done - s->warm_up] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
            }
            if (seen != mix((uint64_t)order[i] * 512 + 1)) {
                fprintf(stderr, "fault_bench: page %u holds %016llx\n", order[i],
                        (unsigned long long)seen);
                exit(3);
            }
        }
    }
    return sum_ns;
}

static uint32_t quantile(const uint32_t *sorted, size_t length, double q) {
    return length == 0 ? 0 : sorted[(size_t)(q * (double)(length - 1))];
}

static void report(const struct settings *s, uint32_t *samples, uint64_t sum_ns) {
    qsort(samples, s->accesses, sizeof *samples, ascending);
    size_t hits = 0;
    while (hits < s->accesses && samples[hits] < s->fault_ns_min) {
        hits++;
    }
    const uint32_t *faults = samples + hits;
    size_t count = s->accesses - hits;
    printf("{\"handler\":\"%s\",\"pattern\":\"%s\",\"access\":\"%s\",\"pages\":%zu,\"accesses\":%zu,"
           "\"faults\":%zu,\"p50_ns\":%u,\"p90_ns\":%u,\"p99_ns\":%u,\"p999_ns\":%u,\"max_ns\":%u,"
           "\"mean_access_ns\":%.0f,\"pages_per_second\":%.0f,\"copy_ns\":%.0f}\n",
           s->handler ? "own" : "none", s->sequential ? "sequential" : "random",
           s->write ? "write" : "read", s->pages, s->accesses, count, quantile(faults, count, 0.5),
           quantile(faults, count, 0.9), quantile(faults, count, 0.99),
           quantile(faults, count, 0.999), count == 0 ? 0 : faults[count - 1],
           (double)sum_ns / (double)s->accesses,
           (double)s->accesses / ((double)sum_ns / 1e9),
           copies->count == 0 ? 0.0 : (double)copies->sum_ns / (double)copies->count);
}

static long number(char **argv, int *i) {
    char *end;
    if (argv[*i + 1] == NULL) {
        fprintf(stderr, "fault_bench: %s needs a number\n", argv[*i]);
        exit(2);
    }
    long value = strtol(argv[++*i], &end, 10);
    if (*end != 0 || value < 0) {
        fprintf(stderr, "fault_bench: %s %s: not a number\n", argv[*i - 1], argv[*i]);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv) {
    struct settings s = {.pages = 16384, .accesses = 32768, .batch_pages = 1, .cpu = -1,
                         .handler_cpu = -1, .fault_ns_min = 1000};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--handler") == 0) {
            s.handler = 1;
        } else if (strcmp(argv[i], "--sequential") == 0) {
            s.sequential = 1;
        } else if (strcmp(argv[i], "--write") == 0) {
            s.write = 1;
        } else if (strcmp(argv[i], "--pages") == 0) {
            s.pages = (size_t)number(argv, &i);
        } else if (strcmp(argv[i], "--accesses") == 0) {
            s.accesses = (size_t)number(argv, &i);
        } else if (strcmp(argv[i], "--warm-up") == 0) {
            s.warm_up = (size_t)number(argv, &i);
        } else if (strcmp(argv[i], "--batch") == 0) {
            s.batch_pages = (size_t)number(argv, &i);
        } else if (strcmp(argv[i], "--cpu") == 0) {
            s.cpu = (int)number(argv, &i);
        } else if (strcmp(argv[i], "--handler-cpu") == 0) {
            s.handler_cpu = (int)number(argv, &i);
        } else if (strcmp(argv[i], "--fault-ns-min") == 0) {
            s.fault_ns_min = (uint64_t)number(argv, &i);
        } else {
            fprintf(stderr,
                    "usage: fault_bench [--handler [--batch PAGES] [--handler-cpu N]] [--cpu N] "
                    "[--pages N] [--accesses N] [--warm-up N] [--sequential] [--write] [--fault-ns-min NS]\n");
            return 2;
        }
    }
    if (s.pages == 0 || s.accesses == 0 || s.batch_pages == 0) {
        fprintf(stderr, "fault_bench: --pages, --accesses and --batch must be positive\n");
        return 2;
    }
    /* Huge pages would answer 512 accesses with one fault. */
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    char *base = mmap(NULL, s.pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) {
        die("mmap");
    }
    uint32_t *samples = shared_memory(s.accesses * sizeof *samples);
    memset(samples, 0, s.accesses * sizeof *samples);
    copies = shared_memory(sizeof *copies);
    if (s.handler) {
        start_handler(base, &s);
    } else {
        fill(base, s.pages);
    }
    pin(s.cpu);
    uint64_t sum_ns = touch(base, &s, samples);
    report(&s, samples, sum_ns);
    return 0;
}
