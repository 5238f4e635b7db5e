/*
 * The layout that the in-program agent, the launcher and the supervisor share. The Java side reads
 * these figures from the table that lego_layout.c prints; nothing is typed in twice.
 */
#ifndef LEGO_AGENT_H
#define LEGO_AGENT_H

#include <stdint.h>

/*
 * Our own part of every supervised address space. It lies below the lowest address that the kernel
 * gives a position-independent program, in what ThreadSanitizer, MemorySanitizer and AddressSanitizer
 * all take for the program's memory: elsewhere one of them refuses to start.
 */
#define LEGO_OWN_ADDRESS 0x550100000000ul
#define LEGO_OWN_BYTES 0x100000000ul

/* The blob: code, then scratch and setup stack. */
#define LEGO_BLOB_ADDRESS LEGO_OWN_ADDRESS
#define LEGO_BLOB_BYTES 0x10000ul

/* What has a fixed place in the code: a system call, and the handler of strict threads. */
#define LEGO_FIXED_OFFSET 0xf00
#define LEGO_SYSCALL_ADDRESS (LEGO_BLOB_ADDRESS + LEGO_FIXED_OFFSET)
#define LEGO_FORBIDDEN_ADDRESS (LEGO_BLOB_ADDRESS + LEGO_FIXED_OFFSET + 16)

/* Where the supervisor puts what a borrowed thread's calls point to. */
#define LEGO_SCRATCH_ADDRESS (LEGO_BLOB_ADDRESS + 0x8000ul)

/* The pages that the agent moves evicted pages to, before it copies them out. */
#define LEGO_STAGING_ADDRESS (LEGO_OWN_ADDRESS + 0x100000ul)
#define LEGO_BATCH_PAGES 64ul
#define LEGO_STAGING_BYTES (LEGO_BATCH_PAGES * 4096ul)

/* One page by which the supervisor knows the space of a thread: a nonce, then the space's number. */
#define LEGO_BEACON_ADDRESS (LEGO_OWN_ADDRESS + 0x200000ul)

/* The command window. */
#define LEGO_WINDOW_ADDRESS (LEGO_OWN_ADDRESS + 0x300000ul)

/* System call numbers that do not exist; the filter gives them a meaning when the blob calls them. */
#define LEGO_CALL_STOP 0x7e60
#define LEGO_CALL_GET_FD 0x7e61
#define LEGO_CALL_FORBIDDEN 0x7e62

/* The offset argument by which the filter knows the supervisor's own anonymous mmap. */
#define LEGO_MMAP_OFFSET 0x6c65676f0000ul

/*
 * What lego_setup is to do, what the agent is (a process beside the program, or a thread of it), and
 * whether the descriptors are to be asked for by LEGO_CALL_GET_FD.
 */
#define LEGO_SETUP_EXEC 1
#define LEGO_SETUP_THREAD 2
#define LEGO_SETUP_ASK 4

#define LEGO_LANES 2
#define LEGO_CALLS_MAX 16

#define LEGO_OP_SYSCALLS 1
#define LEGO_OP_MOVE_OUT 2
#define LEGO_OP_DISCARD 3

struct lego_call {
	int64_t nr;
	uint64_t args[6];
	int64_t result;
};

/*
 * One requester's mailbox. request counts up with each order, done follows when it is carried out.
 * offered is the same number until the agent has begun, or the requester has withdrawn the order.
 */
struct lego_lane {
	uint32_t request;
	uint32_t done;
	uint32_t op;
	uint32_t count;
	uint32_t offered;
	uint32_t reserved;
	union {
		struct lego_call calls[LEGO_CALLS_MAX];
		struct {
			uint64_t addresses[LEGO_BATCH_PAGES];
			int32_t results[LEGO_BATCH_PAGES];
		} pages;
	};
};

struct lego_window {
	uint32_t doorbell;
	uint32_t agent_ready;
	uint32_t agent_tid;
	uint32_t abandoned; /* the agent is to end */
	struct lego_lane lanes[LEGO_LANES];
	uint8_t stack[16384] __attribute__((aligned(4096)));
	uint8_t transfer[LEGO_STAGING_BYTES] __attribute__((aligned(4096)));
};

#endif
