/*
 * The agent: the code that runs inside a supervised address space. Flat, position independent, no
 * libc, no data, general registers only. It sets itself up on the supervisor's behalf and then serves
 * orders from its window: system calls that only the owner of an address space may make, and the
 * eviction of pages.
 */
#include "lego_agent.h"
#include "lego_syscall.h"
#include <asm/unistd.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <stddef.h>

#define EAGAIN_ 11
#define EBUSY_ 16
#define EEXIST_ 17
#define ENOENT_ 2

#define UFFDIO_MOVE_ 0xc028aa05ul
struct uffd_move {
	uint64_t dst, src, len, mode;
	int64_t move;
};

#define INLINE static inline __attribute__((always_inline))

#define CALL(nr, a, b, c) call6(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)

INLINE void copy_page(void *to, const void *from)
{
	unsigned long n = 4096;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static void run_calls(struct lego_lane *lane)
{
	for (uint32_t i = 0; i < lane->count && i < LEGO_CALLS_MAX; i++) {
		struct lego_call *c = &lane->calls[i];

		c->result = call6(c->nr, c->args[0], c->args[1], c->args[2], c->args[3], c->args[4],
				  c->args[5]);
	}
}

/*
 * Makes the kernel give this address space its own copy of a page that it shares by copy-on-write: an
 * atomic OR with zero, done by the kernel, so that an unwritable page answers EFAULT instead of
 * raising a signal.
 */
static long make_exclusive(struct lego_window *w, uint64_t page)
{
	long op = (FUTEX_OP_OR << 28) | (FUTEX_OP_CMP_EQ << 24);

	return call6(__NR_futex, (long)&w->agent_ready, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 0, 0,
		     (long)page, op);
}

static long move_run(uint64_t to, uint64_t from, uint64_t pages, uint64_t *moved)
{
	struct uffd_move m;
	long r;

	m.dst = to;
	m.src = from;
	m.len = pages * 4096;
	m.mode = 0;
	m.move = 0;
	r = CALL(__NR_ioctl, 0, UFFDIO_MOVE_, &m);
	*moved = m.move > 0 ? (uint64_t)m.move / 4096 : (r == 0 ? pages : 0);
	return r;
}

/*
 * Moves one page, with the cures for what is only temporary. Nobody but this code puts pages into the
 * staging area, and it is empty before each batch, so EEXIST means that the page is there: the kernel
 * answers it after a move that it had to try again, as happens while the page is being swapped out.
 */
static int move_one(struct lego_window *w, uint64_t to, uint64_t from)
{
	uint64_t moved;
	long r = 0;

	for (int attempt = 0; attempt < 4; attempt++) {
		r = move_run(to, from, 1, &moved);
		if (moved == 1 || r == -EEXIST_)
			return 0;
		if (r == -EBUSY_) {
			if (attempt > 1 || make_exclusive(w, from) < 0)
				break;
		} else if (r != -EAGAIN_)
			break;
	}
	return r == 0 ? -EAGAIN_ : (int)r;
}

static void move_out(struct lego_window *w, struct lego_lane *lane)
{
	uint32_t count = lane->count < LEGO_BATCH_PAGES ? lane->count : LEGO_BATCH_PAGES;
	uint32_t i = 0;
	uint32_t top = 0;

	while (i < count) {
		uint64_t from = lane->pages.addresses[i];
		uint64_t run = 1;
		uint64_t moved = 0;

		while (i + run < count && lane->pages.addresses[i + run] == from + run * 4096)
			run++;
		if (run > 1)
			move_run(LEGO_STAGING_ADDRESS + i * 4096ul, from, run, &moved);
		for (uint64_t k = 0; k < run; k++) {
			uint64_t slot = i + k;
			uint64_t staged = LEGO_STAGING_ADDRESS + slot * 4096;
			int r = k < moved ? 0 : move_one(w, staged, from + k * 4096);

			if (r == 0) {
				copy_page(w->transfer + slot * 4096, (const void *)staged);
				top = (uint32_t)slot + 1;
			}
			lane->pages.results[slot] = r;
		}
		i += (uint32_t)run;
	}
	if (top > 0)
		CALL(__NR_madvise, LEGO_STAGING_ADDRESS, top * 4096ul, 4);
}

static void discard(struct lego_lane *lane)
{
	uint32_t count = lane->count < LEGO_BATCH_PAGES ? lane->count : LEGO_BATCH_PAGES;

	for (uint32_t i = 0; i < count; i++) {
		if (lane->pages.results[i] == 0)
			lane->pages.results[i] =
				(int32_t)CALL(__NR_madvise, lane->pages.addresses[i], 4096, 4);
	}
}

static int serve(struct lego_window *w)
{
	int worked = 0;

	for (int i = 0; i < LEGO_LANES; i++) {
		struct lego_lane *lane = &w->lanes[i];
		uint32_t request = __atomic_load_n(&lane->request, __ATOMIC_ACQUIRE);

		uint32_t offered = request;

		if (request == lane->done)
			continue;
		if (!__atomic_compare_exchange_n(&lane->offered, &offered, 0, 0, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE))
			continue; /* withdrawn */
		if (lane->op == LEGO_OP_SYSCALLS)
			run_calls(lane);
		else if (lane->op == LEGO_OP_MOVE_OUT)
			move_out(w, lane);
		else if (lane->op == LEGO_OP_DISCARD)
			discard(lane);
		__atomic_store_n(&lane->done, request, __ATOMIC_RELEASE);
		CALL(__NR_futex, &lane->done, FUTEX_WAKE, 1);
		worked = 1;
	}
	return worked;
}

/* fd 0 becomes the userfaultfd; nothing else of the program's files is kept open. */
static void agent_main(struct lego_window *w, long uffd)
{
	const char *name = "lego-agent";

	/* what a forking parent had staged is not ours */
	CALL(__NR_madvise, LEGO_STAGING_ADDRESS, LEGO_STAGING_BYTES, 4);
	CALL(__NR_prctl, 15, name, 0);
	if (uffd > 0)
		CALL(__NR_dup2, uffd, 0, 0);
	CALL(__NR_close_range, 1, ~0u, 0);
	w->agent_tid = (uint32_t)CALL(__NR_gettid, 0, 0, 0);
	__atomic_store_n(&w->agent_ready, 1, __ATOMIC_RELEASE);
	CALL(__NR_futex, &w->agent_ready, FUTEX_WAKE, 1);
	for (;;) {
		uint32_t seen = __atomic_load_n(&w->doorbell, __ATOMIC_ACQUIRE);

		while (__atomic_load_n(&w->abandoned, __ATOMIC_ACQUIRE))
			CALL(__NR_exit, 0, 0, 0);
		if (!serve(w))
			call6(__NR_futex, (long)&w->doorbell, FUTEX_WAIT, seen, 0, 0, 0);
	}
}

static __attribute__((noinline, noreturn)) void agent_process(struct lego_window *w, long uffd)
{
	CALL(__NR_setsid, 0, 0, 0);
	for (;;)
		agent_main(w, uffd);
}

static __attribute__((noinline, noreturn)) void agent_thread(struct lego_window *w, long uffd)
{
	for (;;)
		agent_main(w, uffd);
}

/*
 * Makes a task that shares this address space and has a stack of its own, by clone(a, b) or
 * clone3(a, b); it runs body(w, uffd).
 */
static long make_task(long nr, long a, long b, void (*body)(struct lego_window *, long),
		      struct lego_window *w, long uffd)
{
	long ret;
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;
	register long r12 __asm__("r12") = (long)w;
	register long r13 __asm__("r13") = uffd;
	register void *r14 __asm__("r14") = (void *)body;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %%r12, %%rdi\n\t"
			 "mov %%r13, %%rsi\n\t"
			 "call *%%r14\n\t"
			 "1:"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(0l),
			   "r"(r10), "r"(r8), "r"(r12), "r"(r13), "r"(r14)
			 : "rcx", "r11", "memory");
	return ret;
}

#define SHARE_MEMORY 0x100l			/* CLONE_VM */
#define OF_THIS_PROCESS (0x100l | 0x800l | 0x10000l) /* CLONE_VM, CLONE_SIGHAND, CLONE_THREAD */

static long start_task(long flags, void (*body)(struct lego_window *, long), struct lego_window *w,
		       long uffd, uint8_t *stack_top)
{
	return make_task(__NR_clone, flags, (long)stack_top, body, w, uffd);
}

/* The numbers from here on are for agents: a namespace that has so many processes has longer ones. */
#define NUMBERS_OF_AGENTS 0x4000

/*
 * An agent that is a thread, with a number out of the way: in a PID namespace the program's own tasks
 * have the numbers 1, 2, 3, .. as natively. Only who may administer the namespace can choose.
 */
static long start_thread(struct lego_window *w, long uffd, uint8_t *stack, unsigned long bytes)
{
	int32_t number = (int32_t)CALL(__NR_getpid, 0, 0, 0) + NUMBERS_OF_AGENTS;
	struct clone_args args = {.flags = OF_THIS_PROCESS,
				  .stack = (uint64_t)stack,
				  .stack_size = bytes,
				  .set_tid = (uint64_t)&number,
				  .set_tid_size = 1};
	long made = make_task(__NR_clone3, (long)&args, sizeof(args), agent_thread, w, uffd);

	return made >= 0 ? made : start_task(OF_THIS_PROCESS, agent_thread, w, uffd, stack + bytes);
}

/*
 * The step between the program and an agent that is a process: it ends at once, so that the agent
 * becomes the child of whoever adopts the family's orphans. It leaves the agent's number, or the
 * error, where the program's thread looks for it.
 */
static __attribute__((noinline, noreturn)) void go_between(struct lego_window *w, long uffd)
{
	long made = start_task(SHARE_MEMORY, agent_process, w, uffd, w->stack + sizeof(w->stack) / 2);

	w->agent_tid = (uint32_t)made;
	for (;;)
		CALL(__NR_exit, 0, 0, 0);
}

static long start_agent(struct lego_window *w, long uffd, int as_thread)
{
	long between;

	if (as_thread)
		return start_thread(w, uffd, w->stack, sizeof(w->stack) / 2);
	between = start_task(SHARE_MEMORY, go_between, w, uffd, w->stack + sizeof(w->stack));
	if (between < 0)
		return between;
	call6(__NR_wait4, between, 0, 0x40000000 /* __WALL */, 0, 0, 0);
	return (int32_t)w->agent_tid;
}

/*
 * The parts that an address space has once. fd is /dev/userfaultfd, or negative; the userfaultfd comes
 * back, or an error.
 */
static long make_parts(long fd)
{
	const long flags = 02000000 | 04000; /* O_CLOEXEC | O_NONBLOCK */
	long uffd = fd >= 0 ? CALL(__NR_ioctl, fd, 0xaa00, flags) /* USERFAULTFD_IOC_NEW */
			    : CALL(__NR_userfaultfd, flags, 0, 0);
	long r;

	if (fd >= 0)
		CALL(__NR_close, fd, 0, 0);
	if (uffd < 0)
		return uffd;
	r = call6(__NR_mmap, LEGO_STAGING_ADDRESS, LEGO_STAGING_BYTES, 3, 0x100022, -1, 0);
	if (r >= 0)
		r = call6(__NR_mmap, LEGO_BEACON_ADDRESS, 4096, 1, 0x100022, -1, 0);
	if (r >= 0)
		r = CALL(__NR_madvise, LEGO_BEACON_ADDRESS, 4096, 18 /* MADV_WIPEONFORK */);
	if (r < 0)
		CALL(__NR_close, uffd, 0, 0);
	return r < 0 ? r : uffd;
}

/*
 * Entered by the supervisor at a ptrace stop, with every signal blocked and the stack in the blob's
 * scratch pages. fd is /dev/userfaultfd after an exec, else the userfaultfd itself; window_fd is the
 * command window; or both are keys by which they are to be had. Each LEGO_CALL_STOP hands over to the supervisor; it does not return from the last.
 */
__attribute__((noreturn, used, section(".text.lego_entry"))) void lego_setup(long what, long fd, long window_fd)
{
	struct lego_window *w = (struct lego_window *)LEGO_WINDOW_ADDRESS;
	long uffd, r;

	if (what & LEGO_SETUP_ASK) {
		fd = CALL(LEGO_CALL_GET_FD, fd, 0, 0);
		window_fd = fd < 0 ? fd : CALL(LEGO_CALL_GET_FD, window_fd, 0, 0);
	}
	uffd = fd;
	if (what & LEGO_SETUP_EXEC)
		uffd = make_parts(fd);
	r = call6(__NR_mmap, (long)w, sizeof(struct lego_window), 3, 0x11 /* SHARED | FIXED */, window_fd,
		  0);
	CALL(__NR_close, window_fd, 0, 0);
	if (uffd >= 0 && r < 0) {
		CALL(__NR_close, uffd, 0, 0);
		uffd = r;
	}
	if (what & LEGO_SETUP_EXEC)
		CALL(LEGO_CALL_STOP, uffd, 0, 0);
	r = uffd;
	if (uffd >= 0) {
		r = start_agent(w, uffd, what & LEGO_SETUP_THREAD);
		CALL(__NR_close, uffd, 0, 0);
	}
	for (;;)
		CALL(LEGO_CALL_STOP, r, 0, 0);
}

/*
 * At LEGO_SYSCALL_ADDRESS the call that a borrowed thread is made to make; at LEGO_FORBIDDEN_ADDRESS the
 * handler of SIGSYS of a thread in strict mode: it tells the supervisor, which kills a process that has
 * no other thread, and ends the thread otherwise.
 */
#define TEXT_(value) #value
#define TEXT(value) TEXT_(value)
__asm__(".pushsection .lego_fixed, \"ax\"\n\t"
	"syscall\n\t"
	"ud2\n\t"
	".balign 16, 0xcc\n\t"
	"mov $" TEXT(LEGO_CALL_FORBIDDEN) ", %eax\n\t"
	"syscall\n\t"
	"mov $" TEXT(__NR_exit) ", %eax\n\t"
	"mov $9, %edi\n\t"
	"syscall\n\t"
	"ud2\n\t"
	".popsection");
