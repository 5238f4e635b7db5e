/*
 * lego-userfaultfd: the one thing that lego run cannot do without privilege.
 *
 * Linux lets only CAP_SYS_PTRACE ask a userfaultfd to tell of forks. The administrator installs this
 * program with that one file capability, for a group (lego grant); lego run starts it with a socket
 * as its standard input, sends each new userfaultfd, and gets it ready: the same open file, so nothing
 * needs to come back but the kernel's answer.
 *
 * It trusts nobody who starts it: no argument, no variable, no file of its own choice, no C library
 * that would read any of these. All descriptors but the socket are closed, all signals blocked. It
 * makes one ioctl with fixed features, and only on what is a userfaultfd. It ends with the socket.
 */
#include <asm/unistd.h>
#include <errno.h>
#include <linux/prctl.h>
#include <linux/userfaultfd.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define SOCKET 0
#define ALL_SIGNALS (~0ul)
#define SIG_SETMASK_NR 2
#define FEATURES (UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_THREAD_ID)
/* UFFD_FEATURE_MOVE, which older headers lack; kernels before 6.8 refuse it. */
#define FEATURE_MOVE (1ull << 16)
#define CONTROL_BYTES 64

static long call(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return ret;
}

static void leave(int status)
{
	for (;;)
		call(__NR_exit_group, status, 0, 0, 0);
}

/* No file of any file system is called so: a path begins with a slash. */
static int is_userfaultfd(int fd)
{
	static const char name[] = "anon_inode:[userfaultfd]";
	char path[32] = "/proc/self/fd/", *end = path + 14, digits[12], link[sizeof(name)];
	int n = 0;

	do
		digits[n++] = (char)('0' + fd % 10);
	while ((fd /= 10) > 0);
	while (n > 0)
		*end++ = digits[--n];
	*end = 0;
	if (call(__NR_readlink, (long)path, (long)link, sizeof(link), 0) != sizeof(name) - 1)
		return 0;
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		if (link[i] != name[i])
			return 0;
	return 1;
}

static int ask(int fd, unsigned long long features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };

	return (int)call(__NR_ioctl, fd, (long)UFFDIO_API, (long)&api, 0);
}

static int make_ready(int fd)
{
	int r;

	if (!is_userfaultfd(fd))
		return -EINVAL;
	r = ask(fd, FEATURES | FEATURE_MOVE);
	return r == -EINVAL ? ask(fd, FEATURES) : r;
}

/* One request: a byte with one descriptor. The descriptor, or -1 when there was none. */
static int receive(void)
{
	_Alignas(struct cmsghdr) char control[CONTROL_BYTES];
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_LEN(sizeof(int)), /* room for one, the kernel drops others */
	};
	struct cmsghdr *header = (struct cmsghdr *)control;
	long r;

	do
		r = call(__NR_recvmsg, SOCKET, (long)&message, MSG_CMSG_CLOEXEC, 0);
	while (r == -EINTR);
	if (r <= 0)
		leave(r < 0);
	if (message.msg_controllen < CMSG_LEN(sizeof(int)) || header->cmsg_level != SOL_SOCKET ||
	    header->cmsg_type != SCM_RIGHTS)
		return -1;
	return *(int *)CMSG_DATA(header);
}

static void serve(void)
{
	unsigned long mask = ALL_SIGNALS;

	call(__NR_rt_sigprocmask, SIG_SETMASK_NR, (long)&mask, 0, sizeof(mask));
	call(__NR_close_range, SOCKET + 1, ~0u, 0, 0);
	call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
	call(__NR_chdir, (long)"/", 0, 0, 0);
	for (;;) {
		int fd = receive();
		int answer = fd < 0 ? -EBADF : make_ready(fd);

		if (fd >= 0)
			call(__NR_close, fd, 0, 0, 0);
		if (call(__NR_write, SOCKET, (long)&answer, sizeof(answer), 0) != sizeof(answer))
			leave(1);
	}
}

__attribute__((force_align_arg_pointer, noreturn)) void _start(void)
{
	serve();
	__builtin_unreachable();
}
