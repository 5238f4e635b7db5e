/*
 * liblego_shim: what the C library has no symbol for. No policy, no state.
 */
#define _GNU_SOURCE
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
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
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

static int relay_pipe = -1;

static void relay(int signal, siginfo_t *info, void *context)
{
	int saved = errno;
	int record[2] = { signal, info->si_code };

	if (write(relay_pipe, record, sizeof(record)) < 0) {
		/* A full pipe: the signal has coalesced, as standard signals do. */
	}
	errno = saved;
}

/* Writes signals of this process to a pipe instead of acting on them; 0, or -errno. */
int lego_relay_signals(int pipe)
{
	static const int signals[] = { SIGHUP,  SIGINT,	 SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM,
				       SIGTERM, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH };
	struct sigaction act, old;

	relay_pipe = pipe;
	memset(&act, 0, sizeof(act));
	act.sa_sigaction = relay;
	act.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (sigaction(signals[i], NULL, &old) != 0)
			return -errno;
		if (!(old.sa_flags & SA_SIGINFO) && old.sa_handler == SIG_IGN)
			continue;
		if (sigaction(signals[i], &act, NULL) != 0)
			return -errno;
	}
	return 0;
}
