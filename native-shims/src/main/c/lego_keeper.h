/*
 * What the family keeper (lego_keeper.c) and the Java side share: a page of words, and the file in
 * which a program to start is described.
 */
#ifndef LEGO_KEEPER_H
#define LEGO_KEEPER_H

#include <stdint.h>

#define LEGO_KEEPER_SPAWN 1
#define LEGO_KEEPER_END 2

/* Shared by the JVM, the guard and the keeper. Descriptors are those of their common table. */
struct lego_keeper {
	/* Written before the start. */
	int32_t jvm;
	int32_t jvm_pidfd;
	int32_t orders; /* eventfd, readable when there is an order */
	int32_t events; /* eventfd, readable when there is news of the program */
	int32_t answers; /* eventfd, readable when an order is carried out */
	/* An order, and its answer: a pid, 0 or -errno. answered follows ordered. */
	uint32_t ordered;
	uint32_t answered;
	int32_t order;
	int32_t order_file;
	uint64_t order_bytes;
	int32_t answer;
	/* What there is to know. */
	int32_t keeper;
	/* Descriptors that the two have made; left to the JVM when they end. */
	int32_t signals;
	int32_t guard_pidfd;
	int32_t keeper_pidfd;
	int32_t guard_children;
	int32_t keeper_children;
	int32_t program;
	uint32_t program_ended;
	int32_t program_status; /* as wait(2) has it */
	uint32_t stops;		/* counts the program's stops and continuations */
	int32_t stopped_by;	/* signal, or 0 while it runs */
	uint32_t family_ended;
	int32_t failure;
};

/* The head of a file that describes a program; offsets in the file, arrays of them end with 0. */
struct lego_program {
	uint64_t path;
	uint64_t argv;
	uint64_t envp;
	uint64_t blocked;	  /* signal mask */
	uint64_t ignored;	  /* signals that are ignored */
	uint64_t descriptors_set; /* whether the next two are a limit to set */
	uint64_t descriptors_soft;
	uint64_t descriptors_hard;
};

#endif
