/*
 * liblego_test_touch: loads and stores from native code, for tests of the pager inside one process.
 * A thread of the Java virtual machine must not fault on paged memory while it runs Java code: it
 * could not reach a safepoint, and the pager thread would wait for it.
 */
#include <stdint.h>
#include <string.h>

/* The 8 bytes at an address. */
int64_t lego_touch_load(int64_t address)
{
	return *(volatile int64_t *)address;
}

/* Stores 8 bytes. */
void lego_touch_store(int64_t address, int64_t value)
{
	*(volatile int64_t *)address = value;
}

/* Stores seed + i at address + i * stride for i in 0..count-1. */
void lego_touch_fill(int64_t address, int64_t count, int64_t stride, int64_t seed)
{
	for (int64_t i = 0; i < count; i++)
		*(volatile int64_t *)(address + i * stride) = seed + i;
}

/* Index of the first place that does not hold seed + i, or -1. */
int64_t lego_touch_check(int64_t address, int64_t count, int64_t stride, int64_t seed)
{
	for (int64_t i = 0; i < count; i++)
		if (*(volatile int64_t *)(address + i * stride) != seed + i)
			return i;
	return -1;
}

/* Copies bytes between paged and unpaged memory. */
void lego_touch_copy(int64_t to, int64_t from, int64_t length)
{
	memcpy((void *)to, (const void *)from, length);
}

/* Loads count pages at pseudo-random places of an area; returns their sum. */
int64_t lego_touch_random(int64_t address, int64_t pages, int64_t count, uint64_t seed)
{
	int64_t sum = 0;

	for (int64_t i = 0; i < count; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		sum += *(volatile int64_t *)(address + (int64_t)(seed % (uint64_t)pages) * 4096);
	}
	return sum;
}
