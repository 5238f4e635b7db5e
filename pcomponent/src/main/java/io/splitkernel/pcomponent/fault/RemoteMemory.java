package io.splitkernel.pcomponent.fault;

/**
 * Where pages are that are not local. A page is named by its space and its own virtual address. The
 * data-path port of the pager: all methods are called by the pager thread, none blocks. What takes
 * a conversation with other components (an extent, the end of a space) happens behind it and is
 * reported through {@link #poll}.
 *
 * <p>READs and WRITEs of one space to one address take effect in the order they were posted.
 */
public interface RemoteMemory extends AutoCloseable {
  /** Accepted. */
  int POSTED = 0;

  /** The queue is full: poll, then try again. */
  int QUEUE_FULL = -1;

  /** Nothing is allocated there: {@link #requestExtent}, then wait for its event. WRITE only. */
  int NO_EXTENT = -2;

  /** The memory component that holds it is lost. */
  int LOST = -3;

  /**
   * Memory that READs go to and WRITEs come from.
   *
   * @param lengthBytes page multiple; called once.
   * @return address of its first byte, page-aligned, valid until {@link #close}.
   */
  long allocateFrames(long lengthBytes);

  /**
   * Announces a space before its first use.
   *
   * @param space its number, in 1..65535.
   */
  void openSpace(int space);

  /**
   * Frees all remote memory of a space; nothing of it is under way. The number may be used again.
   *
   * @param space its number.
   */
  void closeSpace(int space);

  /**
   * Starts to read a page run that lies inside one 2 MiB-aligned range and was written before.
   *
   * @param token returned by the event.
   * @param space owner of the address.
   * @param address page-aligned.
   * @param frameAddress local target.
   * @param lengthBytes page multiple.
   * @return {@link #POSTED}, {@link #QUEUE_FULL} or {@link #LOST}.
   */
  int read(long token, int space, long address, long frameAddress, int lengthBytes);

  /**
   * Starts to write one page.
   *
   * @param token returned by the event.
   * @param space owner of the address.
   * @param address page-aligned.
   * @param frameAddress local source, untouched until the event.
   * @return {@link #POSTED}, {@link #QUEUE_FULL}, {@link #NO_EXTENT} or {@link #LOST}.
   */
  int write(long token, int space, long address, long frameAddress);

  /**
   * Asks for the extent of an address. Repeating it while the answer is outstanding costs nothing.
   *
   * @param space owner of the address.
   * @param address any address in the extent.
   * @return true when this asked; false when the answer is outstanding or known already.
   */
  boolean requestExtent(int space, long address);

  /** Posts what was only collected. */
  void flush();

  /**
   * Takes events, oldest first.
   *
   * @param events reusable receiver, cleared before.
   * @return how many.
   */
  int poll(RemoteEvents events);

  /** Reads and writes that have no event yet. */
  int outstanding();

  /**
   * A descriptor for epoll that is readable when {@link #poll} may find something after {@link
   * #arm}.
   *
   * @return the descriptor, or -1 when the pager must poll.
   */
  int eventDescriptor();

  /**
   * Prepares to wait on {@link #eventDescriptor}, and drains old signals.
   *
   * @return false when there is something to poll already.
   */
  boolean arm();

  /** Drains {@link #eventDescriptor} after it was readable; {@link #poll} must follow. */
  void acknowledge();

  @Override
  void close();
}
