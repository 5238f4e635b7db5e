/*
 * What the parts of the family keeper have of each other. No C library: see lego_keeper.c.
 */
#ifndef LEGO_KEEPER_PARTS_H
#define LEGO_KEEPER_PARTS_H

#include "lego_keeper.h"
#include "lego_syscall.h"
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>

static inline long call(long nr, long a, long b, long c)
{
	return call6(nr, a, b, c, 0, 0, 0);
}

static inline void leave(int status)
{
	for (;;)
		call(SYS_exit_group, status, 0, 0);
}

static inline long fork_with(long flags, int *pidfd)
{
	return call6(SYS_clone, flags, 0, (long)pidfd, 0, 0, 0);
}

static inline void set_mask(unsigned long mask)
{
	call6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof(mask), 0, 0);
}

/* A descriptor of the list of this task's children, which stays usable when /proc is unmounted. */
long open_children(void);

/*
 * Kills children until there is none. What they leave behind becomes a child of this task before
 * they can be waited for, so each level of the family is seen.
 */
void kill_family(int children);

/* Every signal gets its default action, but for those that are ignored, a bit each. */
void reset_signals(uint64_t ignored);

/* Starts the program that the order tells of; its pid, or -errno. */
int spawn_program(struct lego_keeper *k);

#endif
