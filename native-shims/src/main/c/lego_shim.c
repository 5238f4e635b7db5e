/*
 * liblego_shim: what the C library has no symbol for. No policy, no state.
 */
#define _GNU_SOURCE
#include "lego_syscall.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Any system call; the result is the kernel's own: a value, or -errno. errno stays untouched. */
long lego_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	return call6(nr, a, b, c, d, e, f);
}

/* The processor's time stamp counter, as perftest reads it. */
long lego_ticks(void)
{
	return (long)__builtin_ia32_rdtsc();
}

/* Anywhere in memory; through an array on the stack instead, as memcpy has it, it took three times as long. */
typedef unsigned long long __attribute__((may_alias, aligned(1))) word;

#define CRC_LANES 4

/* The instruction takes three cycles, and a new one can begin in each: so blocks go side by side. */
__attribute__((target("sse4.2"))) static void crc32c_lanes(const unsigned char *data, long block,
							   unsigned *sums)
{
	const unsigned char *second = data + block, *third = second + block, *fourth = third + block;
	unsigned long long a = ~0u, b = ~0u, c = ~0u, d = ~0u;

	for (long at = 0; at < block; at += 8) {
		a = __builtin_ia32_crc32di(a, *(const word *)(data + at));
		b = __builtin_ia32_crc32di(b, *(const word *)(second + at));
		c = __builtin_ia32_crc32di(c, *(const word *)(third + at));
		d = __builtin_ia32_crc32di(d, *(const word *)(fourth + at));
	}
	sums[0] = ~(unsigned)a;
	sums[1] = ~(unsigned)b;
	sums[2] = ~(unsigned)c;
	sums[3] = ~(unsigned)d;
}

/* Of one block whose bytes after the first length ones are zeros. */
__attribute__((target("sse4.2"))) static unsigned crc32c_one(const unsigned char *data, long length,
							     long block)
{
	unsigned long long crc = ~0u;
	long at = 0;

	for (; at + 8 <= length; at += 8)
		crc = __builtin_ia32_crc32di(crc, *(const word *)(data + at));
	for (; at < length; at++)
		crc = __builtin_ia32_crc32qi((unsigned)crc, data[at]);
	for (; at % 8 != 0; at++)
		crc = __builtin_ia32_crc32qi((unsigned)crc, 0);
	for (; at < block; at += 8)
		crc = __builtin_ia32_crc32di(crc, 0);
	return ~(unsigned)crc;
}

/*
 * CRC32C of each block of a range, the last one filled up with zeros; a block is a multiple of 8
 * bytes. Returns their number, or -ENOSYS where the processor has no instruction for it.
 */
long lego_crc32c_blocks(const unsigned char *data, long length, long block, unsigned *sums)
{
	long blocks = (length + block - 1) / block;
	long i = 0;

	if (!__builtin_cpu_supports("sse4.2"))
		return -ENOSYS;
	for (; (i + CRC_LANES) * block <= length; i += CRC_LANES)
		crc32c_lanes(data + i * block, block, sums + i);
	for (; i < blocks; i++) {
		long rest = length - i * block;

		sums[i] = crc32c_one(data + i * block, rest < block ? rest : block, block);
	}
	return blocks;
}

/* posix_spawn with an empty signal mask; a pid, or -errno. */
int lego_spawn(const char *path, char *const argv[], char *const envp[])
{
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid;
	int r;

	sigemptyset(&none);
	r = posix_spawnattr_init(&attr);
	if (r != 0)
		return -r;
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	r = posix_spawn(&pid, path, NULL, &attr, argv, envp);
	posix_spawnattr_destroy(&attr);
	return r == 0 ? pid : -r;
}

/*
 * A program that serves this process at a socket, its standard input, and ends with it: in a session of
 * its own, where no signal of a terminal finds it, without arguments and environment. A pid, or -errno.
 */
int lego_spawn_server(const char *path, int socket)
{
	char *const argv[] = { (char *)path, NULL }, *const envp[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	pid_t pid;
	int r;

	r = posix_spawnattr_init(&attr);
	if (r != 0)
		return -r;
	r = posix_spawn_file_actions_init(&files);
	if (r == 0) {
		posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID);
		r = posix_spawn_file_actions_adddup2(&files, socket, 0);
		if (r == 0)
			r = posix_spawn(&pid, path, &files, &attr, argv, envp);
		posix_spawn_file_actions_destroy(&files);
	}
	posix_spawnattr_destroy(&attr);
	return r == 0 ? pid : -r;
}

static int relay_pipe = -1;
static struct sigaction before[NSIG];

/* Whether it is a matter of this process: a fault, or something that it sends to itself. */
static int is_own(int signal, const siginfo_t *info)
{
	int sent = info->si_code == SI_USER || info->si_code == SI_TKILL || info->si_code == SI_QUEUE;
	int fault = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL ||
		    signal == SIGTRAP || signal == SIGSYS;

	return info->si_code > 0 ? fault : sent && info->si_pid == getpid();
}

/* As if there were no relay. */
static void hand_on(int signal, siginfo_t *info, void *context)
{
	struct sigaction *old = &before[signal];

	if (old->sa_flags & SA_SIGINFO)
		old->sa_sigaction(signal, info, context);
	else if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN)
		old->sa_handler(signal);
	else if (old->sa_handler == SIG_DFL && signal != SIGCHLD && signal != SIGURG &&
		 signal != SIGWINCH && signal != SIGCONT) {
		sigaction(signal, old, NULL);
		raise(signal); /* is delivered when this handler returns */
	}
}

static void relay(int signal, siginfo_t *info, void *context)
{
	int saved = errno;

	if (is_own(signal, info))
		hand_on(signal, info, context);
	else if (write(relay_pipe, info, sizeof(*info)) < 0) {
		/* A full pipe: the signal has coalesced, as standard signals do. */
	}
	errno = saved;
}

/* Sent between threads of this process only; nothing else uses it on Linux. */
#define WAKE_SIGNAL SIGSTKFLT

static int relay_signal(int signal)
{
	struct sigaction act = { 0 };

	/* A handler of the virtual machine expects the mask that it has asked for. */
	if (before[signal].sa_flags & SA_SIGINFO)
		act = before[signal];
	act.sa_sigaction = relay;
	act.sa_flags |= SA_SIGINFO | SA_RESTART | SA_ONSTACK;
	if (signal == WAKE_SIGNAL)
		act.sa_flags &= ~SA_RESTART;
	return sigaction(signal, &act, NULL) == 0 ? 0 : -errno;
}

/*
 * Writes the siginfo of each signal that is sent to this process to a pipe, instead of acting on it.
 * What this process raises itself takes its old way, and what it ignores stays so. Called again, the
 * pipe is another one. 0, or -errno.
 */
int lego_relay_signals(int pipe)
{
	relay_pipe = pipe;
	for (int signal = 1; signal < NSIG; signal++) {
		struct sigaction now;
		int r = 0;

		if (sigaction(signal, NULL, &now) != 0 || now.sa_sigaction == relay)
			continue;
		before[signal] = now;
		/* SIGKILL, SIGSTOP, and the two that the C library keeps for itself. */
		if (signal == SIGKILL || signal == SIGSTOP || signal == 32 || signal == 33 ||
		    (!(before[signal].sa_flags & SA_SIGINFO) && before[signal].sa_handler == SIG_IGN))
			continue;
		r = relay_signal(signal);
		if (r != 0)
			return r;
	}
	return 0;
}

/* Lets all signals come to the calling thread. */
void lego_unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
}

static void wake(int signal)
{
}

/* Lets calls of the calling thread be ended by the signal that is the result; they answer EINTR. */
int lego_accept_wakes(void)
{
	struct sigaction act = { 0 };
	sigset_t mask;

	act.sa_handler = wake;
	if (relay_pipe >= 0) {
		before[WAKE_SIGNAL] = act;
		relay_signal(WAKE_SIGNAL);
	} else {
		sigaction(WAKE_SIGNAL, &act, NULL);
	}
	sigemptyset(&mask);
	sigaddset(&mask, WAKE_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
	return WAKE_SIGNAL;
}

/* Stops this process by a signal that is relayed otherwise, until it is continued. */
void lego_stop_by(int signal)
{
	struct sigaction act = { 0 };
	sigset_t unblocked, mask;

	act.sa_handler = SIG_DFL;
	sigemptyset(&unblocked);
	sigaddset(&unblocked, signal);
	pthread_sigmask(SIG_UNBLOCK, &unblocked, &mask);
	if (signal != SIGSTOP)
		sigaction(signal, &act, NULL);
	raise(signal);
	if (signal != SIGSTOP)
		relay_signal(signal);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}
