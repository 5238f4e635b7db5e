package io.splitkernel.pcomponent.space;

/** What a range of an address space is for. */
public enum MappingKind {
  /** Private anonymous memory, as mmap(2) makes it. */
  ANONYMOUS,
  /** What lies below the program break, brk(2). */
  HEAP,
  /** The main thread's stack, which the kernel grows downwards. */
  STACK,
  /** A mapping made with MAP_GROWSDOWN. */
  GROWS_DOWN,
  /** A file, never supervised. Only those are known that took the place of supervised memory. */
  FILE;

  /** Whether a fault below the range may belong to it. */
  public boolean growsDown() {
    return this == STACK || this == GROWS_DOWN;
  }
}
