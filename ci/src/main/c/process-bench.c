/*
 * Times process operations, from inside the program that makes them. An ordinary program: run it
 * natively or by lego run. A line for each operation: name, median and 99th percentile in ns.
 *
 *   process-bench operations PERCENT    each operation, PERCENT of the usual times
 *   process-bench touches MIB SECONDS   first touches while MIB are full, without and after a fork
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul
#define SAMPLES_MAX (1u << 20)
#define TOUCHES_MIN 10000u
#define LOOPS 20 /* commands of one sh -c */

extern char **environ;

static uint32_t *samples; /* shared memory, which nobody pages */
static char *touched;	  /* memory that a forked process shares */
static int to_child[2], to_parent[2];
static volatile sig_atomic_t handled;

static void die(const char *what)
{
	fprintf(stderr, "process-bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void keep(unsigned i, uint64_t ns)
{
	samples[i] = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

static void report(const char *name, unsigned count)
{
	if (count == 0) {
		fprintf(stderr, "process-bench: %s: nothing was measured\n", name);
		exit(1);
	}
	qsort(samples, count, sizeof(*samples), ascending);
	printf("%s %u %u\n", name, samples[(count - 1) / 2], samples[(count * 99ul + 99) / 100 - 1]);
	fflush(stdout);
}

static char *map(size_t bytes, int flags)
{
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		die("mmap");
	return at;
}

static void wait_for(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		die("a child");
}

static void fork_exit(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	wait_for(child);
}

static void fork_touch(void)
{
	pid_t child = fork();

	if (child == 0) {
		char *own = map(16 * PAGE, MAP_PRIVATE);

		memset(own, 1, 16 * PAGE);
		touched[0] = 1;
		_exit(0);
	}
	wait_for(child);
}

static void fork_exec(void)
{
	pid_t child = fork();

	if (child == 0) {
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	wait_for(child);
}

static void spawn(char *const argv[])
{
	pid_t child;

	if (posix_spawn(&child, argv[0], NULL, NULL, argv, environ) != 0)
		die("posix_spawn");
	wait_for(child);
}

static void spawn_true(void)
{
	spawn((char *[]){ "/bin/true", NULL });
}

static void shell_loop(void)
{
	char script[96];

	snprintf(script, sizeof(script), "i=0; while [ $i -lt %d ]; do /bin/true; i=$((i+1)); done", LOOPS);
	spawn((char *[]){ "/bin/sh", "-c", script, NULL });
}

static void *nothing(void *arg)
{
	return arg;
}

static void thread_join(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, nothing, NULL) != 0)
		die("pthread_create");
	pthread_join(thread, NULL);
}

static void map_unmap(void)
{
	char *at = map(16 * PAGE, MAP_PRIVATE);

	for (int i = 0; i < 16; i++)
		at[i * PAGE] = 1;
	munmap(at, 16 * PAGE);
}

static void heap(void)
{
	char *at = sbrk(16 * PAGE);

	if (at == (char *)-1)
		die("sbrk");
	*at = 1;
	sbrk(-(intptr_t)(16 * PAGE));
}

static void advise(void)
{
	touched[0] = 1;
	if (madvise(touched, PAGE, MADV_DONTNEED) != 0)
		die("madvise");
}

static void remap(void)
{
	char *at = map(16 * PAGE, MAP_PRIVATE);

	at[0] = 1;
	at = mremap(at, 16 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	if (at == MAP_FAILED)
		die("mremap");
	munmap(at, 64 * PAGE);
}

static void handler(int signal)
{
	handled = signal;
}

static void signal_self(void)
{
	kill(getpid(), SIGUSR1);
}

static void ping_pong(void)
{
	char byte = 0;

	if (write(to_child[1], &byte, 1) != 1 || read(to_parent[0], &byte, 1) != 1)
		die("pipe");
}

static void measure(const char *name, void (*operation)(void), unsigned times, unsigned divisor)
{
	for (unsigned i = 0; i < times / 8 + 1; i++)
		operation();
	for (unsigned i = 0; i < times; i++) {
		uint64_t start = now_ns();

		operation();
		keep(i, (now_ns() - start) / divisor);
	}
	report(name, times);
}

/* In a process of its own, which ends: what a handler changes stays there. */
static void measure_signals(const char *name, int flags, unsigned times)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = flags };
	pid_t child = fork();

	if (child == 0) {
		sigaction(SIGUSR1, &act, NULL);
		measure(name, signal_self, times, 1);
		_exit(0);
	}
	wait_for(child);
}

static void measure_ping_pong(unsigned times)
{
	char byte;
	pid_t child;

	if (pipe(to_child) != 0 || pipe(to_parent) != 0)
		die("pipe");
	child = fork();
	if (child == 0) {
		close(to_child[1]);
		while (read(to_child[0], &byte, 1) == 1 && write(to_parent[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	measure("pipe_ping_pong", ping_pong, times, 1);
	close(to_child[1]);
	wait_for(child);
}

static void operations(unsigned percent)
{
	touched = map(1024 * PAGE, MAP_PRIVATE);
	memset(touched, 1, 1024 * PAGE);
	measure("fork_exit", fork_exit, 5 * percent, 1);
	measure("fork_touch_exit", fork_touch, 3 * percent, 1);
	measure("fork_exec_true", fork_exec, 2 * percent, 1);
	measure("posix_spawn_true", spawn_true, 2 * percent, 1);
	measure("sh_loop_true", shell_loop, (percent + 9) / 10, LOOPS);
	measure("thread_create_join", thread_join, 20 * percent, 1);
	measure("mmap_touch_munmap", map_unmap, 20 * percent, 1);
	measure("brk", heap, 20 * percent, 1);
	measure("madvise_dontneed", advise, 20 * percent, 1);
	measure("mremap", remap, 20 * percent, 1);
	measure_signals("signal_restart", SA_RESTART, 100 * percent);
	measure_signals("signal_no_restart", 0, 100 * percent);
	measure_ping_pong(100 * percent);
}

/*
 * Writes fresh pages in a random order, for a time, but at least TOUCHES_MIN (or else one that waits
 * would be all there is, on a busy machine) and at most all. The samples.
 */
static unsigned touch_fresh(double seconds, unsigned pages)
{
	unsigned step = 9973; /* no factor of it is in the number of pages */
	uint64_t end = now_ns() + (uint64_t)(seconds * 1e9), start = 0;
	char *fresh = map(pages * PAGE, MAP_PRIVATE);
	unsigned count = 0;

	while (count < pages && (start < end || count < TOUCHES_MIN)) {
		start = now_ns();
		fresh[(uint64_t)count * step % pages * PAGE] = 1;
		keep(count++, now_ns() - start);
	}
	munmap(fresh, pages * PAGE);
	return count;
}

static void touches(size_t mib, double seconds)
{
	size_t bytes = mib << 20;
	pid_t child;

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	touched = map(bytes, MAP_PRIVATE);
	memset(touched, 1, bytes);
	report("first_touch", touch_fresh(seconds, (unsigned)(mib << 7)));
	memset(touched, 2, bytes);
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	report("first_touch_after_fork", touch_fresh(seconds, (unsigned)(mib << 7)));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	samples = (uint32_t *)map(SAMPLES_MAX * sizeof(*samples), MAP_SHARED);
	memset(samples, 0, SAMPLES_MAX * sizeof(*samples));
	if (argc == 3 && strcmp(argv[1], "operations") == 0)
		operations((unsigned)atoi(argv[2]));
	else if (argc == 4 && strcmp(argv[1], "touches") == 0)
		touches((size_t)atol(argv[2]), atof(argv[3]));
	else {
		fprintf(stderr, "usage: process-bench operations PERCENT | touches MIB SECONDS\n");
		return 2;
	}
	return 0;
}
