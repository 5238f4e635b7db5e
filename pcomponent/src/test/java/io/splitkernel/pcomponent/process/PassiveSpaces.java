package io.splitkernel.pcomponent.process;

import io.splitkernel.ffi.FileDescriptor;
import io.splitkernel.pcomponent.fault.AddressSpaceAgent;
import io.splitkernel.pcomponent.fault.AddressSpaces;
import io.splitkernel.pcomponent.space.AddressSpaceModel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Address spaces that are followed but never registered: every page stays native. What is left is
 * supervision itself.
 */
final class PassiveSpaces implements AddressSpaces {
  final Map<Integer, Integer> live = new ConcurrentHashMap<>();
  private final Map<Integer, AddressSpaceModel> models = new ConcurrentHashMap<>();
  final AtomicInteger attached = new AtomicInteger();
  final AtomicInteger registered = new AtomicInteger();
  volatile long bytesInUse;

  @Override
  public int attach(int uffd, AddressSpaceAgent agent, int pid) {
    int number = attached.incrementAndGet();
    live.put(number, uffd);
    return number;
  }

  @Override
  public int register(int space, long start, long end, boolean mayBePopulated) {
    registered.incrementAndGet();
    return 0;
  }

  @Override
  public long nonce() {
    return 1;
  }

  @Override
  public int claim(int space, AddressSpaceAgent agent, int pid) {
    return 0;
  }

  @Override
  public void unclaim(int space) {}

  @Override
  public AddressSpaceModel model(int space) {
    return models.computeIfAbsent(space, number -> new AddressSpaceModel());
  }

  @Override
  public void hold(int space, long start, long end) {}

  @Override
  public void release(int space, long start, long end) {}

  @Override
  public void move(int space, long from, long to, long length) {}

  @Override
  public void keep(int space, long start, long end) {}

  @Override
  public int localize(int space, long start, long end) {
    return 0;
  }

  @Override
  public void drop(int space, long start, long end) {}

  @Override
  public void beginMove(int space, long start, long end) {}

  @Override
  public void endMove(int space, long from, long to, long length) {}

  @Override
  public int claimForked(int parent, long probe, AddressSpaceAgent agent, int pid) {
    return attach(-1, agent, pid);
  }

  @Override
  public void abandonForked(int parent) {}

  @Override
  public int userfaultfd(int space) {
    return live.get(space);
  }

  @Override
  public void detach(int space) {
    FileDescriptor.close(live.remove(space));
  }

  @Override
  public long bytesInUse() {
    return bytesInUse;
  }
}
