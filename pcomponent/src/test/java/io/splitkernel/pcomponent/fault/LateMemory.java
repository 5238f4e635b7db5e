package io.splitkernel.pcomponent.fault;

import java.util.concurrent.CountDownLatch;

/**
 * Remote memory whose transfers all wait from a certain READ on, until they are released; that
 * fails READs when told so; and that can stop the pager thread where it looks for completions.
 */
final class LateMemory implements RemoteMemory {
  private final RemoteMemory memory;
  private int lengthBytes = Integer.MAX_VALUE;
  private volatile long withheldAddress;
  private volatile boolean withholding;
  private volatile boolean armed;
  private volatile boolean failing;
  private long failed;
  private int looksLeft;
  private volatile RuntimeException broken;
  private volatile CountDownLatch gate;
  private volatile CountDownLatch stopped;

  LateMemory(RemoteMemory memory) {
    this.memory = memory;
  }

  /** Withholds what is posted from the next READ of at least so many bytes on. */
  void withholdFirstOf(int bytes) {
    lengthBytes = bytes;
    armed = true;
  }

  /** Address of that READ, or 0. */
  long withheldAddress() {
    return withheldAddress;
  }

  void release() {
    withholding = false;
  }

  /** From now on every READ delivers nothing and fails. */
  void failReads() {
    failing = true;
  }

  /** The next look for completions throws. */
  void breakDown(RuntimeException why) {
    broken = why;
  }

  /** Pager thread: the look after the next one stops it. */
  void stopPager() {
    stopped = new CountDownLatch(1);
    gate = new CountDownLatch(1);
    looksLeft = 1;
  }

  /** Waits until the pager thread has stopped. */
  void awaitStop() throws InterruptedException {
    stopped.await();
  }

  /** Lets the pager thread go on. */
  void goOn() {
    CountDownLatch latch = gate;
    gate = null;
    latch.countDown();
  }

  private void stopWhenTold() {
    CountDownLatch latch = gate;
    if (latch != null && looksLeft-- <= 0) {
      stopped.countDown();
      try {
        latch.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public int read(long token, int space, long address, long frameAddress, int length) {
    if (armed && length >= lengthBytes) {
      armed = false;
      withholding = true;
      withheldAddress = address;
    }
    if (failing) {
      failed = token;
      return POSTED;
    }
    return memory.read(token, space, address, frameAddress, length);
  }

  @Override
  public int poll(RemoteEvents events) {
    stopWhenTold();
    if (broken != null) {
      throw broken;
    }
    if (failed != 0) {
      events.clear();
      events.addCompletion(failed, false, "memory lost: as the test wants it");
      failed = 0;
      return 1;
    }
    return withholding ? 0 : memory.poll(events);
  }

  @Override
  public int eventDescriptor() {
    return -1; // look for them
  }

  @Override
  public boolean arm() {
    return false;
  }

  @Override
  public void acknowledge() {}

  @Override
  public int outstanding() {
    return withholding || failed != 0 ? 1 : memory.outstanding();
  }

  @Override
  public long allocateFrames(long bytes) {
    return memory.allocateFrames(bytes);
  }

  @Override
  public void openSpace(int space) {
    memory.openSpace(space);
  }

  @Override
  public void closeSpace(int space) {
    memory.closeSpace(space);
  }

  @Override
  public int write(long token, int space, long address, long frameAddress) {
    return memory.write(token, space, address, frameAddress);
  }

  @Override
  public boolean requestExtent(int space, long address) {
    return memory.requestExtent(space, address);
  }

  @Override
  public void flush() {
    memory.flush();
  }

  @Override
  public void close() {
    memory.close();
  }
}
