/*
 * How the family keeper starts the program. No C library: see lego_keeper.c.
 */
#define _GNU_SOURCE
#include "lego_keeper_parts.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define SIGNALS 64

struct kernel_action {
	unsigned long handler, flags, restorer, mask;
};

void reset_signals(uint64_t ignored)
{
	for (int s = 1; s <= SIGNALS; s++) {
		struct kernel_action act = { (ignored >> (s - 1) & 1) != 0, 0, 0, 0 };

		call6(SYS_rt_sigaction, s, (long)&act, 0, sizeof(act.mask), 0, 0);
	}
}

/* Offsets become pointers; returns the array. */
static char **pointers(char *file, uint64_t offset)
{
	uint64_t *array = (uint64_t *)(file + offset);

	for (uint64_t *at = array; *at != 0; at++)
		*at += (uint64_t)file;
	return (char **)array;
}

/* In the child: what the program inherits is what the JVM was given, then it is executed. */
static void become(struct lego_keeper *k, char *file)
{
	struct lego_program *p = (struct lego_program *)file;
	struct rlimit limit = { p->descriptors_soft, p->descriptors_hard };
	char **argv = pointers(file, p->argv), **envp = pointers(file, p->envp);

	reset_signals(p->ignored);
	if (p->descriptors_set)
		call6(SYS_prlimit64, 0, RLIMIT_NOFILE, (long)&limit, 0, 0, 0);
	set_mask(p->blocked);
	k->answer = (int)call(SYS_execve, (long)(file + p->path), (long)argv, (long)envp);
	leave(127);
}

int spawn_program(struct lego_keeper *k)
{
	long file = call6(SYS_mmap, 0, (long)k->order_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			  k->order_file, 0);
	long pid;

	if (file < 0 && file > -4096)
		return (int)file;
	k->answer = 0;
	pid = fork_with(CLONE_VFORK | SIGCHLD, NULL);
	if (pid == 0)
		become(k, (char *)file);
	call(SYS_munmap, file, (long)k->order_bytes, 0);
	if (pid < 0)
		return (int)pid;
	if (k->answer < 0) {
		call6(SYS_wait4, pid, 0, __WALL, 0, 0, 0);
		return k->answer;
	}
	k->program = (int)pid;
	k->program_ended = k->family_ended = 0;
	k->stopped_by = 0;
	return (int)pid;
}
