/*
 * The family keeper: two tasks that outlive a killed JVM long enough to take the program along.
 *
 *   JVM ── guard ── keeper ── program ── ...
 *
 * They share the JVM's descriptor table and nothing else. So its userfaultfds stay open until they
 * end, and no process of the family ever reads zeros where a page was evicted; and what kills the
 * JVM's address space as a whole (the out-of-memory killer, a core dump) does not reach them.
 *
 * The keeper is the program's parent, in the caller's process group: it starts it, collects the
 * orphans of its family and reports. The guard is in a session of its own, where no signal to a
 * group finds it. Once any of the three is gone, the others kill everything below them: the keeper
 * when it is the JVM or the guard, the guard when it is the JVM or the keeper.
 *
 * Both run on a copy of the JVM's memory of which all but this library, a piece of stack and the
 * shared page is unmapped at once. So there is no C library here: no errno, no thread-local storage,
 * no stack protector, only raw system calls.
 */
#define _GNU_SOURCE
#include "lego_keeper_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#define PAGE 4096ul
#define STACK_BELOW (64 * 1024ul)
#define ADDRESSES 0x7ffffffff000ul
#define RSEQ_SIGNATURE 0x53053053
#define STATUS_CONTINUED 0xffff

struct range {
	unsigned long from, to;
};

/* Where glibc has registered restartable sequences; absent before 2.35. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

/* Begin and end of this library, from the linker. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

/* The kernel writes to the registered area whenever the task moves: it must not be unmapped before. */
static long forget_rseq(void)
{
	unsigned long thread;
	long area, r;

	if (&__rseq_offset == NULL || &__rseq_size == NULL || __rseq_size == 0)
		return 0;
	__asm__("mov %%fs:0, %0" : "=r"(thread));
	area = (long)thread + __rseq_offset;
	r = call6(SYS_rseq, area, 32, 1, RSEQ_SIGNATURE, 0, 0);
	return r == 0 ? 0 : call6(SYS_rseq, area, __rseq_size, 1, RSEQ_SIGNATURE, 0, 0);
}

/* Unmaps everything but three ranges. */
static void keep_only(struct range keep[3])
{
	unsigned long at = 0;

	for (int i = 0; i < 3; i++) {
		struct range *next = NULL;

		for (int j = 0; j < 3; j++)
			if (keep[j].from >= at && (next == NULL || keep[j].from < next->from))
				next = &keep[j];
		if (next == NULL)
			break;
		if (next->from > at)
			call(SYS_munmap, (long)at, (long)(next->from - at), 0);
		at = next->to;
	}
	call(SYS_munmap, (long)at, (long)(ADDRESSES - at), 0);
}

static void tell(int eventfd)
{
	uint64_t one = 1;

	call(SYS_write, eventfd, (long)&one, sizeof(one));
}

static void on_program(struct lego_keeper *k, int status)
{
	if (status == STATUS_CONTINUED || WIFSTOPPED(status)) {
		__atomic_store_n(&k->stopped_by,
				 status == STATUS_CONTINUED ? 0 : WSTOPSIG(status),
				 __ATOMIC_RELEASE);
		__atomic_add_fetch(&k->stops, 1, __ATOMIC_RELEASE);
		/* It may have stopped itself because the program did. */
		if (status == STATUS_CONTINUED)
			call(SYS_kill, k->jvm, SIGCONT, 0);
	} else {
		k->program_status = status;
		__atomic_store_n(&k->program_ended, 1, __ATOMIC_RELEASE);
	}
	tell(k->events);
}

static void collect(struct lego_keeper *k)
{
	int status;
	long pid;

	while ((pid = call6(SYS_wait4, -1, (long)&status,
			    __WALL | WNOHANG | WUNTRACED | WCONTINUED, 0, 0, 0)) > 0)
		if (pid == k->program && !k->program_ended)
			on_program(k, status);
	if (pid == -ECHILD && k->program_ended && !k->family_ended) {
		__atomic_store_n(&k->family_ended, 1, __ATOMIC_RELEASE);
		tell(k->events);
	}
}

static void end(struct lego_keeper *k)
{
	kill_family(k->keeper_children);
	leave(0);
}

static void obey(struct lego_keeper *k)
{
	uint64_t count;

	call(SYS_read, k->orders, (long)&count, sizeof(count));
	if (__atomic_load_n(&k->ordered, __ATOMIC_ACQUIRE) == k->answered)
		return;
	if (k->order == LEGO_KEEPER_END)
		end(k);
	k->answer = k->order == LEGO_KEEPER_SPAWN ? spawn_program(k) : -EINVAL;
	__atomic_store_n(&k->answered, k->ordered, __ATOMIC_RELEASE);
	tell(k->answers);
}

/* Descriptors of the keeper: 0 or -errno. */
static int prepare(struct lego_keeper *k)
{
	unsigned long child = 1ul << (SIGCHLD - 1);

	k->signals = (int)call6(SYS_signalfd4, -1, (long)&child, sizeof(child),
				SFD_CLOEXEC | SFD_NONBLOCK, 0, 0);
	k->keeper_children = (int)open_children();
	k->guard_pidfd = (int)call(SYS_pidfd_open, call(SYS_getppid, 0, 0, 0), 0, 0);
	return k->signals < 0	      ? k->signals :
	       k->keeper_children < 0 ? k->keeper_children :
	       k->guard_pidfd < 0     ? k->guard_pidfd :
					0;
}

static void keep(struct lego_keeper *k)
{
	struct pollfd polled[4];
	struct signalfd_siginfo info;

	call(SYS_prctl, PR_SET_NAME, (long)"lego-keeper", 0);
	call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0);
	k->failure = prepare(k);
	if (k->failure < 0)
		leave(1);
	__atomic_store_n(&k->keeper, (int)call(SYS_getpid, 0, 0, 0), __ATOMIC_RELEASE);
	tell(k->answers);
	polled[0] = (struct pollfd){ k->signals, POLLIN, 0 };
	polled[1] = (struct pollfd){ k->orders, POLLIN, 0 };
	polled[2] = (struct pollfd){ k->jvm_pidfd, POLLIN, 0 };
	polled[3] = (struct pollfd){ k->guard_pidfd, POLLIN, 0 };
	for (;;) {
		call6(SYS_ppoll, (long)polled, 4, 0, 0, 0, 0);
		if (polled[2].revents != 0 || polled[3].revents != 0)
			end(k);
		while (call(SYS_read, k->signals, (long)&info, sizeof(info)) > 0)
			;
		collect(k);
		if (polled[1].revents != 0)
			obey(k);
	}
}

static void guard(struct lego_keeper *k)
{
	struct pollfd polled[2];
	int keeper = -1;
	long pid;

	call(SYS_prctl, PR_SET_NAME, (long)"lego-guard", 0);
	call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0);
	reset_signals(0); /* ignored SIGCHLD would have the kernel collect children itself */
	k->guard_children = (int)open_children();
	pid = k->guard_children;
	if (pid >= 0)
		pid = fork_with(CLONE_FILES | CLONE_PIDFD | SIGCHLD, &keeper);
	if (pid == 0)
		keep(k);
	if (pid < 0) {
		k->failure = (int)pid;
		leave(1);
	}
	k->keeper_pidfd = keeper;
	call(SYS_setsid, 0, 0, 0);
	polled[0] = (struct pollfd){ k->jvm_pidfd, POLLIN, 0 };
	polled[1] = (struct pollfd){ keeper, POLLIN, 0 };
	while (call6(SYS_ppoll, (long)polled, 2, 0, 0, 0, 0) <= 0)
		;
	kill_family(k->guard_children);
	leave(0);
}

/*
 * Starts both. Returns the guard's pid, or -errno; the keeper is there when its pid is in the page,
 * and has failed when the guard has ended without.
 */
__attribute__((visibility("default"))) int lego_keeper_start(struct lego_keeper *k)
{
	unsigned long all = ~0ul, before;
	unsigned long here = (unsigned long)__builtin_frame_address(0);
	long pid;

	/* No handler of the JVM may run in the copy. */
	call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&before, sizeof(all), 0, 0);
	pid = fork_with(CLONE_FILES, NULL);
	if (pid == 0) {
		struct range kept[3] = {
			{ (unsigned long)__ehdr_start & -PAGE, ((unsigned long)_end + PAGE - 1) & -PAGE },
			{ (here - STACK_BELOW) & -PAGE, (here + 2 * PAGE) & -PAGE },
			{ (unsigned long)k, (unsigned long)k + PAGE },
		};
		long r = forget_rseq();

		if (r < 0) {
			k->failure = (int)r;
			leave(1);
		}
		keep_only(kept);
		guard(k);
	}
	set_mask(before);
	return (int)pid;
}
