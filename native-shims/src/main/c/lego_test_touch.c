/*
 * liblego_test_touch: loads and stores from native code, for tests of the pager inside one process.
 * A thread of the Java virtual machine must not fault on paged memory while it runs Java code: it
 * could not reach a safepoint, and the pager thread would wait for it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The 8 bytes at an address. */
int64_t lego_touch_load(int64_t address)
{
	return *(volatile int64_t *)address;
}

/* Stores 8 bytes. */
void lego_touch_store(int64_t address, int64_t value)
{
	*(volatile int64_t *)address = value;
}

/* Stores seed + i at address + i * stride for i in 0..count-1. */
void lego_touch_fill(int64_t address, int64_t count, int64_t stride, int64_t seed)
{
	for (int64_t i = 0; i < count; i++)
		*(volatile int64_t *)(address + i * stride) = seed + i;
}

/* Index of the first place that does not hold seed + i, or -1. */
int64_t lego_touch_check(int64_t address, int64_t count, int64_t stride, int64_t seed)
{
	for (int64_t i = 0; i < count; i++)
		if (*(volatile int64_t *)(address + i * stride) != seed + i)
			return i;
	return -1;
}

/* Copies bytes between paged and unpaged memory. */
void lego_touch_copy(int64_t to, int64_t from, int64_t length)
{
	memcpy((void *)to, (const void *)from, length);
}

/* Loads count pages at pseudo-random places of an area; returns their sum. */
int64_t lego_touch_random(int64_t address, int64_t pages, int64_t count, uint64_t seed)
{
	int64_t sum = 0;

	for (int64_t i = 0; i < count; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		sum += *(volatile int64_t *)(address + (int64_t)(seed % (uint64_t)pages) * 4096);
	}
	return sum;
}

/*
 * A forked child for tests of fork: a process whose memory is a copy-on-write copy of the caller's.
 * It runs commands that it finds in shared memory, in native code only; a second process that shares
 * its address space (clone(CLONE_VM)) moves pages out for the evictor in the same way.
 */
/* UFFDIO_MOVE, which older headers lack. */
struct move {
	uint64_t dst, src, len, mode;
	int64_t move;
};
#define MOVE_REQUEST 0xc028aa05ul

enum { CMD_IDLE, CMD_LOAD, CMD_STORE, CMD_FILL, CMD_CHECK, CMD_MOVE_OUT, CMD_FORK, CMD_EXIT,
       CMD_ADOPT };

struct lane {
	volatile uint32_t turn; /* 0: idle or answered, 1: asked */
	uint32_t command;
	int64_t a, b, c, d;
	int64_t result;
};

struct shared {
	struct lane program;
	struct lane agent;
	volatile int32_t pid;
	int32_t uffd;
	int64_t probe; /* a page mapped only in the child */
	int64_t staging;
	char agent_stack[16384];
	char contents[64 * 4096];
};

size_t lego_touch_shared_size(void) { return sizeof(struct shared); }
size_t lego_touch_contents_offset(void) { return offsetof(struct shared, contents); }

static void lane_wait(volatile uint32_t *word, uint32_t value)
{
	struct timespec ms = { 0, 2000000 };

	while (*word == value)
		syscall(SYS_futex, word, FUTEX_WAIT, value, &ms, NULL, 0);
}

static void lane_set(volatile uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, word, FUTEX_WAKE, 64, NULL, NULL, 0);
}

/* Asks a lane for something and waits for the answer. */
int64_t lego_touch_ask(int64_t lane_address, int64_t command, int64_t a, int64_t b, int64_t c, int64_t d)
{
	struct lane *lane = (struct lane *)lane_address;

	lane->command = (uint32_t)command;
	lane->a = a;
	lane->b = b;
	lane->c = c;
	lane->d = d;
	lane_set(&lane->turn, 1);
	lane_wait(&lane->turn, 1);
	return lane->result;
}

static int64_t move_out(struct shared *shared, int64_t address, int64_t index)
{
	struct move move = { (uint64_t)shared->staging, (uint64_t)address, 4096, 0, 0 };

	for (int attempt = 0; ioctl(shared->uffd, MOVE_REQUEST, &move) != 0; attempt++) {
		if (errno == EEXIST)
			break; /* moved, by a first try of the kernel: the staging page was empty */
		if (errno != EBUSY || attempt > 1)
			return -errno;
		/* shared by copy-on-write, perhaps: OR with zero makes it our own */
		syscall(SYS_futex, &shared->agent.result, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, 0,
			address, (FUTEX_OP_OR << 28) | (FUTEX_OP_CMP_EQ << 24));
	}
	memcpy(shared->contents + index * 4096, (void *)shared->staging, 4096);
	madvise((void *)shared->staging, 4096, MADV_DONTNEED);
	return 0;
}

/* Takes this address space's userfaultfd from the pager, and maps a staging area. */
static int64_t adopt(struct shared *shared, int64_t pid, int64_t fd)
{
	struct {
		uint64_t start, length, mode, ioctls;
	} range;
	int pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);

	shared->uffd = (int32_t)syscall(SYS_pidfd_getfd, pidfd, (int)fd, 0);
	if (shared->uffd < 0)
		return -errno;
	shared->staging = (int64_t)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	range.start = (uint64_t)shared->staging;
	range.length = 4096;
	range.mode = 1;
	return ioctl(shared->uffd, 0xc020aa00ul, &range) == 0 ? 0 : -errno;
}

static int serve_agent(void *argument)
{
	struct shared *shared = argument;
	struct lane *lane = &shared->agent;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		lane_wait(&lane->turn, 0);
		if (lane->command == CMD_EXIT)
			break;
		if (lane->command == CMD_ADOPT)
			lane->result = adopt(shared, lane->a, lane->b);
		else
			lane->result = move_out(shared, lane->a, lane->b);
		lane_set(&lane->turn, 0);
	}
	lane->result = 0;
	lane_set(&lane->turn, 0);
	syscall(SYS_exit, 0);
	return 0;
}

static void serve_program(struct shared *shared);

/*
 * Not fork(3): it takes the locks of malloc, which the pager thread of this very process may want while
 * the kernel waits for the pager to read the event of the fork.
 */
static int64_t begin_child(struct shared *shared)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid != 0)
		return pid;
	alarm(60); /* a test that failed leaves nobody behind; a dead parent's child must live on */
	serve_program(shared);
	_exit(0);
}

static void serve_program(struct shared *shared)
{
	struct lane *lane = &shared->program;

	shared->probe = (int64_t)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	clone(serve_agent, shared->agent_stack + sizeof(shared->agent_stack) - 64, CLONE_VM, shared);
	shared->pid = getpid();
	for (;;) {
		lane_wait(&lane->turn, 0);
		switch (lane->command) {
		case CMD_LOAD:
			lane->result = lego_touch_load(lane->a);
			break;
		case CMD_STORE:
			lego_touch_store(lane->a, lane->b);
			lane->result = 0;
			break;
		case CMD_FILL:
			lego_touch_fill(lane->a, lane->b, lane->c, lane->d);
			lane->result = 0;
			break;
		case CMD_CHECK:
			lane->result = lego_touch_check(lane->a, lane->b, lane->c, lane->d);
			break;
		case CMD_FORK:
			lane->result = begin_child((struct shared *)lane->a);
			break;
		default:
			lane->result = 0;
			lane_set(&lane->turn, 0);
			_exit(0);
		}
		lane_set(&lane->turn, 0);
	}
}

/* Forks; the child serves the lanes of the shared memory. Returns its pid or -errno. */
int64_t lego_touch_fork(int64_t shared_address)
{
	int64_t pid = begin_child((struct shared *)shared_address);

	return pid < 0 ? -errno : pid;
}

/* Collects a child that has exited. */
int64_t lego_touch_reap(int64_t pid)
{
	int status = 0;

	return waitpid((pid_t)pid, &status, 0) < 0 ? -errno : status;
}
