/*
 * liblego_shim: what the C library has no symbol for. No policy, no state.
 */
#include <errno.h>
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
