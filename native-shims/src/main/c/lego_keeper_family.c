/*
 * The family keeper's hold on its descendants. No C library: see lego_keeper.c.
 */
#include "lego_keeper_parts.h"
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A number in decimal behind a text; the end. */
static char *put_number(char *to, long value)
{
	char digits[20];
	int n = 0;

	do
		digits[n++] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	while (n > 0)
		*to++ = digits[--n];
	return to;
}

static char *put_text(char *to, const char *text)
{
	while (*text != 0)
		*to++ = *text++;
	return to;
}

long open_children(void)
{
	char path[64], *at = path;
	long self = call(SYS_getpid, 0, 0, 0);

	at = put_number(put_text(at, "/proc/"), self);
	at = put_number(put_text(at, "/task/"), self);
	*put_text(at, "/children") = 0;
	return call(SYS_open, (long)path, O_RDONLY | O_CLOEXEC, 0);
}

static void kill_children(int children)
{
	char text[512];
	long n, pid = 0;

	call(SYS_lseek, children, 0, SEEK_SET);
	while ((n = call(SYS_read, children, (long)text, sizeof(text))) > 0)
		for (long i = 0; i < n; i++)
			if (text[i] >= '0' && text[i] <= '9') {
				pid = pid * 10 + text[i] - '0';
			} else {
				if (pid != 0)
					call(SYS_kill, pid, SIGKILL, 0);
				pid = 0;
			}
}

void kill_family(int children)
{
	long ended;

	do {
		kill_children(children);
		ended = call6(SYS_wait4, -1, 0, __WALL, 0, 0, 0);
		/* The list is long when there are many: it is not read again for each of them. */
		while (ended > 0 && call6(SYS_wait4, -1, 0, __WALL | WNOHANG, 0, 0, 0) > 0)
			;
	} while (ended > 0);
}
