package io.splitkernel.pcomponent.fault;

/** A reusable array of what {@link RemoteMemory#poll} reports. One thread. */
public final class RemoteEvents {
  /** Kind of an event. */
  public enum Kind {
    /** A READ or WRITE is done. */
    DONE,
    /** A READ or WRITE failed: the memory component is lost. */
    FAILED,
    /** An extent can be written now. */
    EXTENT_GRANTED,
    /** No memory component has room for an extent. */
    EXTENT_DENIED,
    /** A memory component is lost that holds pages of the space. */
    SPACE_LOST
  }

  private final Kind[] kinds;
  private final long[] tokens;
  private final int[] spaces;
  private final long[] addresses;
  private final String[] reasons;
  private int count;

  /**
   * @param capacity most events of one poll.
   */
  public RemoteEvents(int capacity) {
    kinds = new Kind[capacity];
    tokens = new long[capacity];
    spaces = new int[capacity];
    addresses = new long[capacity];
    reasons = new String[capacity];
  }

  /** Empties it. */
  public void clear() {
    count = 0;
  }

  /** Events in it. */
  public int count() {
    return count;
  }

  /** Events that still fit. */
  public int room() {
    return kinds.length - count;
  }

  /** True when nothing more fits. */
  public boolean isFull() {
    return count == kinds.length;
  }

  /** For implementations: a READ or WRITE ended. */
  public void addCompletion(long token, boolean good, String reason) {
    kinds[count] = good ? Kind.DONE : Kind.FAILED;
    tokens[count] = token;
    reasons[count] = reason;
    count++;
  }

  /** For implementations: news about an extent or a space. */
  public void addNews(Kind kind, int space, long address, String reason) {
    kinds[count] = kind;
    spaces[count] = space;
    addresses[count] = address;
    reasons[count] = reason;
    count++;
  }

  /** Kind of event {@code i}. */
  public Kind kind(int i) {
    return kinds[i];
  }

  /** Token of completion {@code i}. */
  public long token(int i) {
    return tokens[i];
  }

  /** Space of event {@code i}, unless it is a completion. */
  public int space(int i) {
    return spaces[i];
  }

  /** Address of event {@code i}, unless it is a completion. */
  public long address(int i) {
    return addresses[i];
  }

  /** One line why event {@code i} is bad news, or null. */
  public String reason(int i) {
    return reasons[i];
  }
}
