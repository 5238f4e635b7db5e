package io.splitkernel.pcomponent.fault;

/** Remote memory whose transfers all wait from a certain READ on, until they are released. */
final class LateMemory implements RemoteMemory {
  private final RemoteMemory memory;
  private int lengthBytes = Integer.MAX_VALUE;
  private volatile long withheldAddress;
  private volatile boolean withholding;
  private volatile boolean armed;

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

  @Override
  public int read(long token, int space, long address, long frameAddress, int length) {
    if (armed && length >= lengthBytes) {
      armed = false;
      withholding = true;
      withheldAddress = address;
    }
    return memory.read(token, space, address, frameAddress, length);
  }

  @Override
  public int poll(RemoteEvents events) {
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
    return withholding ? 1 : memory.outstanding();
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
