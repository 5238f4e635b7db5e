/*
 * Prints the layout table: every size, offset and number that the Java side needs, as NAME=VALUE
 * lines. Compiled from the same headers as the rest, and run by the build.
 */
#include "lego_agent.h"
#include "lego_keeper.h"
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#define NUMBER(name) printf(#name "=%lld\n", (long long)(name))
#define SIZE(type) printf("sizeof(" #type ")=%zu\n", sizeof(struct type))
#define OFFSET(type, member) printf(#type "." #member "=%zu\n", offsetof(struct type, member))

int main(void)
{
	NUMBER(LEGO_BLOB_ADDRESS);
	NUMBER(LEGO_BLOB_BYTES);
	NUMBER(LEGO_STAGING_ADDRESS);
	NUMBER(LEGO_STAGING_BYTES);
	NUMBER(LEGO_BATCH_PAGES);
	NUMBER(LEGO_OWN_ADDRESS);
	NUMBER(LEGO_OWN_BYTES);
	NUMBER(LEGO_BEACON_ADDRESS);
	NUMBER(LEGO_WINDOW_ADDRESS);
	NUMBER(LEGO_CALL_STOP);
	NUMBER(LEGO_CALL_GET_FD);
	NUMBER(LEGO_CALL_FORBIDDEN);
	NUMBER(LEGO_SYSCALL_ADDRESS);
	NUMBER(LEGO_FORBIDDEN_ADDRESS);
	NUMBER(LEGO_SCRATCH_ADDRESS);
	NUMBER(LEGO_SETUP_EXEC);
	NUMBER(LEGO_SETUP_THREAD);
	NUMBER(LEGO_SETUP_ASK);
	NUMBER(LEGO_MMAP_OFFSET);
	NUMBER(LEGO_CALLS_MAX);
	NUMBER(LEGO_OP_SYSCALLS);
	NUMBER(LEGO_OP_MOVE_OUT);
	NUMBER(LEGO_OP_DISCARD);
	SIZE(lego_window);
	OFFSET(lego_window, doorbell);
	OFFSET(lego_window, agent_ready);
	OFFSET(lego_window, agent_tid);
	OFFSET(lego_window, abandoned);
	OFFSET(lego_window, lanes);
	OFFSET(lego_window, transfer);
	SIZE(lego_lane);
	OFFSET(lego_lane, request);
	OFFSET(lego_lane, done);
	OFFSET(lego_lane, op);
	OFFSET(lego_lane, count);
	OFFSET(lego_lane, offered);
	OFFSET(lego_lane, calls);
	OFFSET(lego_lane, pages.addresses);
	OFFSET(lego_lane, pages.results);
	SIZE(lego_call);
	OFFSET(lego_call, args);
	OFFSET(lego_call, result);
	NUMBER(LEGO_KEEPER_SPAWN);
	NUMBER(LEGO_KEEPER_END);
	OFFSET(lego_keeper, jvm);
	OFFSET(lego_keeper, jvm_pidfd);
	OFFSET(lego_keeper, orders);
	OFFSET(lego_keeper, events);
	OFFSET(lego_keeper, answers);
	OFFSET(lego_keeper, ordered);
	OFFSET(lego_keeper, answered);
	OFFSET(lego_keeper, order);
	OFFSET(lego_keeper, order_file);
	OFFSET(lego_keeper, order_bytes);
	OFFSET(lego_keeper, answer);
	OFFSET(lego_keeper, keeper);
	OFFSET(lego_keeper, signals);
	OFFSET(lego_keeper, guard_pidfd);
	OFFSET(lego_keeper, keeper_pidfd);
	OFFSET(lego_keeper, guard_children);
	OFFSET(lego_keeper, keeper_children);
	OFFSET(lego_keeper, program);
	OFFSET(lego_keeper, program_ended);
	OFFSET(lego_keeper, program_status);
	OFFSET(lego_keeper, stops);
	OFFSET(lego_keeper, stopped_by);
	OFFSET(lego_keeper, family_ended);
	OFFSET(lego_keeper, failure);
	SIZE(lego_program);
	OFFSET(lego_program, path);
	OFFSET(lego_program, argv);
	OFFSET(lego_program, envp);
	OFFSET(lego_program, blocked);
	OFFSET(lego_program, ignored);
	OFFSET(lego_program, descriptors_set);
	OFFSET(lego_program, descriptors_soft);
	OFFSET(lego_program, descriptors_hard);
	SIZE(seccomp_notif);
	OFFSET(seccomp_notif, id);
	OFFSET(seccomp_notif, pid);
	OFFSET(seccomp_notif, data);
	OFFSET(seccomp_data, args);
	OFFSET(seccomp_data, instruction_pointer);
	SIZE(seccomp_notif_resp);
	OFFSET(seccomp_notif_resp, id);
	OFFSET(seccomp_notif_resp, val);
	OFFSET(seccomp_notif_resp, error);
	OFFSET(seccomp_notif_resp, flags);
	SIZE(seccomp_notif_addfd);
	NUMBER(SECCOMP_IOCTL_NOTIF_RECV);
	NUMBER(SECCOMP_IOCTL_NOTIF_SEND);
	NUMBER(SECCOMP_IOCTL_NOTIF_ADDFD);
	NUMBER(UFFDIO_API);
	SIZE(uffdio_api);
	SIZE(user_regs_struct);
	OFFSET(user_regs_struct, rax);
	OFFSET(user_regs_struct, orig_rax);
	OFFSET(user_regs_struct, rip);
	OFFSET(user_regs_struct, rsp);
	OFFSET(user_regs_struct, rdi);
	OFFSET(user_regs_struct, rsi);
	OFFSET(user_regs_struct, rdx);
	OFFSET(user_regs_struct, rcx);
	OFFSET(user_regs_struct, r10);
	OFFSET(user_regs_struct, r8);
	OFFSET(user_regs_struct, r9);
	OFFSET(user_regs_struct, cs);
	return 0;
}
