/*
 * lego-launch CONTROL-FD KEEP-FDS WORKDIR -- PROGRAM [ARG...]
 *
 * The step between the supervisor and the program: installs the filter that the supervisor sends,
 * hands the listener over, and becomes the program. Its exit
 * status is 126 or 127 when the program cannot be run, as with a shell. With a WORKDIR the program
 * is found as from the caller's directory, and then starts in that one; @N is the directory that
 * descriptor N is open on. In KEEP-FDS, -N is a standard descriptor that is to be closed.
 */
#include "lego_agent.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILTER_MAX 4096

static struct sock_filter filter[FILTER_MAX];

static int fail(const char *what, int status)
{
	dprintf(2, "lego: %s: %s\n", what, strerror(errno));
	return status;
}

static int is_kept(const char *list, int fd)
{
	char buffer[16];
	/* The standard ones are on the list when they are not kept. */
	size_t length = (size_t)snprintf(buffer, sizeof(buffer), "%d", fd <= 2 ? -fd : fd);
	const char *at = list;

	if (fd == 0)
		length = (size_t)snprintf(buffer, sizeof(buffer), "-0");

	while ((at = strstr(at, buffer)) != NULL) {
		if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == 0))
			return fd > 2;
		at += length;
	}
	return fd <= 2;
}

/* Closes what the runtime below us had open: everything that is not on the list. */
static void close_others(const char *list, int control)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd != dirfd(dir) && fd != control &&
		    !is_kept(list, fd))
			close(fd);
	}
	closedir(dir);
}

/* [DIRECTORY/]NAME as an absolute path, or NULL. */
static char *absolute(const char *directory, size_t length, const char *name)
{
	static char here[PATH_MAX], path[2 * PATH_MAX];
	size_t size = 0;

	if ((length > 0 ? directory : name)[0] != '/') {
		if (getcwd(here, sizeof(here)) == NULL)
			return NULL;
		size = (size_t)snprintf(path, sizeof(path), "%s/", here);
	}
	if (length + strlen(name) + 2 > sizeof(path) - size)
		return NULL;
	sprintf(path + size, "%.*s%s%s", (int)length, directory, length > 0 ? "/" : "", name);
	return path;
}

/* The program as an absolute path, searched for like execvp(3) does; its name when there is none. */
static char *find_program(char *name)
{
	const char *at = getenv("PATH");
	struct stat file;
	char *path;

	if (strchr(name, '/') != NULL) {
		path = absolute("", 0, name);
		return path == NULL ? name : path;
	}
	for (at = at == NULL ? "/bin:/usr/bin" : at;; at++) {
		size_t length = strcspn(at, ":");

		path = absolute(at, length, name);
		if (path != NULL && stat(path, &file) == 0 && S_ISREG(file.st_mode) &&
		    access(path, X_OK) == 0)
			return path;
		at += length;
		if (*at == 0)
			return name;
	}
}

/* The listener, or -1: EACCES for who is neither privileged nor has given up becoming so. */
static int install(const struct sock_fprog *program)
{
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER |
				    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
			    program);
}

int main(int argc, char **argv)
{
	struct sock_fprog program = { 0, filter };
	int control, listener;
	ssize_t size;
	char *file;
	char byte;

	if (argc < 6) {
		dprintf(2, "lego-launch is started by lego run\n");
		return 125;
	}
	control = atoi(argv[1]);
	file = argv[3][0] != 0 && argv[3][0] != '@' ? find_program(argv[5]) : argv[5];
	if (argv[3][0] == '@' ? fchdir(atoi(argv[3] + 1)) != 0 :
				argv[3][0] != 0 && chdir(argv[3]) != 0)
		return fail("cannot enter the working directory", 125);
	close_others(argv[2], control);
	if (write(control, "R", 1) != 1)
		return 125;
	size = read(control, filter, sizeof(filter)); /* one packet */
	if (size <= 0)
		return 125;
	program.len = (unsigned short)((size_t)size / sizeof(filter[0]));
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	listener = install(&program);
	if (listener < 0 && errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		listener = install(&program);
	if (listener < 0)
		return fail("seccomp user notification is not to be had", 125);
	if (write(control, &listener, sizeof(listener)) != sizeof(listener) ||
	    read(control, &byte, 1) != 1)
		return 125;
	close(listener);
	close(control);
	execvp(file, argv + 5);
	dprintf(2, "lego: cannot run %s: %s\n", argv[5], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}
