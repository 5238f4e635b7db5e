package io.splitkernel.fabric.sim;

import io.splitkernel.fabric.FabricAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;

/** What connects simulated nodes. Its monitor guards every object of the simulation. */
public final class SimNetwork {
  private static final int DYNAMIC_FIRST = 49_152;
  private static final int PORTS_END = 65_536;

  private final boolean stepped;
  private final Random random;
  private final LongSupplier clock;
  private final Map<String, SimFabric> nodes = new LinkedHashMap<>();
  private final Map<FabricAddress, SimListener> listeners = new HashMap<>();
  private final List<SimConnection> connections = new ArrayList<>();
  private final ArrayDeque<Runnable> callbacks = new ArrayDeque<>();
  private int nextPort = DYNAMIC_FIRST;
  private boolean calling;

  private SimNetwork(boolean stepped, long seed, LongSupplier clock) {
    this.stepped = stepped;
    this.random = new Random(seed);
    this.clock = clock;
  }

  /** A network on which requests run when they are posted; any threads, real time. */
  public static SimNetwork immediate() {
    return new SimNetwork(false, 0, System::nanoTime);
  }

  /**
   * A network that moves by {@link #step} only; one thread. Waiting on it never sleeps: it steps,
   * and gives up when nothing can move.
   *
   * @param seed chooses which connection moves next.
   * @param clock nanoseconds, for the timeouts of connections; advanced by the caller.
   */
  public static SimNetwork stepped(long seed, LongSupplier clock) {
    return new SimNetwork(true, seed, clock);
  }

  /**
   * A new instance on a node; its name must be new.
   *
   * @param node name, for {@link #kill} and {@link #cut}.
   */
  public synchronized SimFabric open(String node) {
    if (nodes.containsKey(node)) {
      throw new IllegalArgumentException("node '" + node + "' exists already");
    }
    SimFabric fabric = new SimFabric(this, node);
    nodes.put(node, fabric);
    return fabric;
  }

  /**
   * Stepped only: runs one posted request, one expired deadline or one callback.
   *
   * @return false when nothing can move before the clock does.
   */
  public synchronized boolean step() {
    Runnable callback = callbacks.poll();
    if (callback != null) {
      callback.run();
      return true;
    }
    if (expire()) {
      return true;
    }
    List<SimConnection> ready = connections.stream().filter(SimConnection::canRun).toList();
    if (ready.isEmpty()) {
      return false;
    }
    ready.get(random.nextInt(ready.size())).runOne();
    return true;
  }

  /** Steps until nothing can move, or {@code stepsMax}; how many steps it took. */
  public int runUntilQuiet(int stepsMax) {
    int steps = 0;
    while (steps < stepsMax && step()) {
      steps++;
    }
    return steps;
  }

  /** Ends a node as SIGKILL does: its peers lose their connections, its own objects are dead. */
  public synchronized void kill(String node) {
    SimFabric fabric = nodes.get(node);
    if (fabric != null) {
      fabric.close();
    }
  }

  /** Breaks every connection between two nodes at both ends, as a cable that is pulled. */
  public synchronized void cut(String first, String second) {
    for (SimConnection connection : List.copyOf(connections)) {
      if (connection.isBetween(first, second)) {
        connection.onPeerGone("the network between " + first + " and " + second + " is cut");
      }
    }
    settle();
  }

  boolean isStepped() {
    return stepped;
  }

  long nanoTime() {
    return clock.getAsLong();
  }

  /**
   * Under the monitor: moves what can move when requests run at once, and wakes waiting threads.
   */
  void settle() {
    if (!stepped) {
      boolean moved = true;
      while (moved) {
        moved = expire();
        for (SimConnection connection : List.copyOf(connections)) {
          while (connection.canRun()) {
            connection.runOne();
            moved = true;
          }
        }
      }
      runCallbacks();
    }
    notifyAll();
  }

  private void runCallbacks() {
    if (calling) {
      return;
    }
    calling = true;
    try {
      for (Runnable next = callbacks.poll(); next != null; next = callbacks.poll()) {
        next.run();
      }
    } finally {
      calling = false;
    }
  }

  private boolean expire() {
    boolean expired = false;
    for (SimConnection connection : List.copyOf(connections)) {
      expired |= connection.expire(nanoTime());
    }
    return expired;
  }

  void call(Runnable callback) {
    callbacks.add(callback);
  }

  void add(SimConnection connection) {
    connections.add(connection);
  }

  void remove(SimConnection connection) {
    connections.remove(connection);
  }

  /** Binds a listener; the address with its port, or null when it is taken. */
  FabricAddress bind(FabricAddress wanted, SimListener listener) {
    FabricAddress address = wanted;
    while (wanted.port() == 0 || listeners.containsKey(address)) {
      if (wanted.port() != 0 || nextPort == PORTS_END) {
        return null;
      }
      address = new FabricAddress(wanted.host(), nextPort++);
      if (!listeners.containsKey(address)) {
        break;
      }
    }
    listeners.put(address, listener);
    return address;
  }

  void unbind(FabricAddress address) {
    listeners.remove(address);
  }

  SimListener listener(FabricAddress address) {
    return listeners.get(address);
  }

  /**
   * Under the monitor, called in a loop: waits for a change; false when the time is up or nothing
   * can change.
   */
  @SuppressWarnings("WaitNotInLoop") // the callers loop
  boolean awaitChange(long deadlineNs) {
    if (stepped) {
      return step();
    }
    long left = deadlineNs - nanoTime();
    if (left <= 0) {
      return false;
    }
    try {
      // A deadline of some connection may pass meanwhile, so look again now and then.
      wait(Math.max(1, Math.min(left / 1_000_000, 5)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    settle();
    return true;
  }
}
