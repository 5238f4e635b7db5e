package io.splitkernel.pcomponent.space;

import java.util.Objects;

/**
 * A half-open, page-aligned range of an address space whose pages are all treated alike.
 *
 * @param start first byte.
 * @param end first byte behind it.
 * @param protection PROT_ bits of mmap(2).
 * @param kind what it is for.
 * @param flags bits below.
 * @param file what it shows, null for anonymous memory.
 */
public record Mapping(
    long start, long end, int protection, MappingKind kind, int flags, FileMapping file) {
  /** Known, but not supervised: its pages are the kernel's and the program's alone. */
  public static final int LOCAL = 1;

  /** mlock(2) and the like; such a range is also {@link #LOCAL}. */
  public static final int LOCKED = 1 << 1;

  /** MADV_WIPEONFORK: a child finds zeros. */
  public static final int WIPE_ON_FORK = 1 << 2;

  /** MADV_DONTFORK: a child does not have the range. */
  public static final int DONT_FORK = 1 << 3;

  /** MADV_DONTDUMP. */
  public static final int DONT_DUMP = 1 << 4;

  /** mseal(2): it cannot be unmapped, moved or freed. */
  public static final int SEALED = 1 << 5;

  /** Some of its pages are guards, MADV_GUARD_INSTALL; such a range is also {@link #LOCAL}. */
  public static final int GUARDED = 1 << 6;

  /** MAP_DROPPABLE; such a range is also {@link #LOCAL}. */
  public static final int DROPPABLE = 1 << 7;

  /** The program serves its faults with a userfaultfd of its own; also {@link #LOCAL}. */
  public static final int PROGRAM_PAGED = 1 << 8;

  private static final int NOT_INHERITED = LOCKED | PROGRAM_PAGED;

  /** Checks that there is a range. */
  public Mapping {
    if (start >= end || ((start | end) & 0xfff) != 0) {
      throw new IllegalArgumentException(
          "a mapping from " + Long.toHexString(start) + " to " + Long.toHexString(end));
    }
  }

  /** Supervised memory without anything special. */
  public static Mapping plain(long start, long end, int protection, MappingKind kind) {
    return new Mapping(start, end, protection, kind, 0, null);
  }

  /** Whether the pager serves its faults. */
  public boolean isSupervised() {
    return (flags & LOCAL) == 0;
  }

  /** Whether any of some flags is set. */
  public boolean has(int anyOfFlags) {
    return (flags & anyOfFlags) != 0;
  }

  /** Bytes from start to end. */
  public long bytes() {
    return end - start;
  }

  /** The part of it that lies in a range, which must meet it. */
  public Mapping clip(long from, long to) {
    long newStart = Math.max(start, from);
    long newEnd = Math.min(end, to);
    if (newStart == start && newEnd == end) {
      return this;
    }
    FileMapping part = file == null ? null : file.from(newStart - start);
    return new Mapping(newStart, newEnd, protection, kind, flags, part);
  }

  /** The same somewhere else. */
  public Mapping at(long newStart, long newEnd) {
    return new Mapping(newStart, newEnd, protection, kind, flags, file);
  }

  Mapping protection(int newProtection) {
    return new Mapping(start, end, newProtection, kind, flags, file);
  }

  Mapping flags(int set, int clear) {
    return new Mapping(start, end, protection, kind, (flags & ~clear) | set, file);
  }

  /** As a forked child has it; null when it does not. */
  Mapping inherited() {
    if (has(DONT_FORK)) {
      return null;
    }
    return has(NOT_INHERITED) ? flags(0, NOT_INHERITED) : this;
  }

  /** Whether the next range is only the continuation of this one. */
  boolean continuesIn(Mapping next) {
    return end == next.start
        && protection == next.protection
        && kind == next.kind
        && flags == next.flags
        && Objects.equals(file == null ? null : file.from(bytes()), next.file);
  }
}
