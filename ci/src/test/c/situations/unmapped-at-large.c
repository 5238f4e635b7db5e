/* Calls for everything between two addresses, with holes that nobody knows of. */
#include "situation.h"

#include <sys/mman.h>

#define LOW 0x500000000000ul
#define HIGH 0x555000000000ul

static void tell(const char *what, long result) {
	printf("%s: %ld %s\n", what, result, result == 0 ? "" : strerrorname_np(errno));
}

int main(void) {
	size_t size = HIGH - LOW;
	char *below = mmap((void *)LOW, 1 << 20, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	char *above = mmap((void *)(HIGH - (1 << 20)), 1 << 20, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	memset(below, 1, 1 << 20);
	memset(above, 2, 1 << 20);
	tell("madvise", madvise(below, size, MADV_DONTNEED));
	printf("%d %d\n", below[5000], above[5000]);
	memset(below, 3, 1 << 20);
	memset(above, 4, 1 << 20);
	tell("mprotect", mprotect(below, size, PROT_READ));
	tell("mprotect above", mprotect(above, 1 << 20, PROT_READ | PROT_WRITE));
	above[0] = 5;
	tell("mlock", mlock(below, size));
	tell("munlock", munlock(below, 1 << 20));
	tell("munmap", munmap(below, size));
	tell("msync below", msync(below, 4096, MS_ASYNC));
	tell("msync above", msync(above, 4096, MS_ASYNC));

	/* and all is well with what is left */
	char *block = malloc(40 << 20);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 40 << 20; i += 4096)
			block[i] = (char)(i >> 12) + round;
		pid_t child = fork();
		if (child == 0) {
			int wrong = 0;
			for (size_t i = 0; i < 40 << 20; i += 4096)
				wrong += block[i] != (char)((char)(i >> 12) + round);
			free(block);
			_exit(wrong != 0);
		}
		int status;
		waitpid(child, &status, 0);
		printf("child %d\n", status);
		tell("munmap again", munmap((void *)LOW, size));
	}
	return 0;
}
