package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.Connection;

/**
 * Connections by queue pair number: read on the data path, changed rarely, by copying. Any thread.
 */
final class QueuePairTable {
  private volatile VerbsConnection[] slots = new VerbsConnection[8];
  private int used;

  /** The connection of a number, or null. Data path. */
  VerbsConnection get(int number) {
    VerbsConnection[] now = slots;
    int mask = now.length - 1;
    int at = number & mask;
    VerbsConnection found = now[at];
    while (found != null && found.number() != number) {
      at = (at + 1) & mask;
      found = now[at];
    }
    return found;
  }

  synchronized void add(VerbsConnection connection) {
    used++;
    rebuild(connection, null);
  }

  synchronized void remove(VerbsConnection connection) {
    if (get(connection.number()) == connection) {
      used--;
      rebuild(null, connection);
    }
  }

  /** Whether a connection that is not closed is in it. */
  boolean isInUse() {
    for (VerbsConnection each : slots) {
      if (each != null && each.state() != Connection.State.CLOSED) {
        return true;
      }
    }
    return false;
  }

  /** Destroys closed connections whose completions nobody will poll. */
  void destroyAll() {
    for (VerbsConnection each : slots) {
      if (each != null) {
        each.destroy();
      }
    }
  }

  private void rebuild(VerbsConnection added, VerbsConnection removed) {
    int size = 8;
    while (size < used * 2) {
      size *= 2;
    }
    VerbsConnection[] next = new VerbsConnection[size];
    for (VerbsConnection each : slots) {
      if (each != null && each != removed) {
        put(next, each);
      }
    }
    if (added != null) {
      put(next, added);
    }
    slots = next;
  }

  private static void put(VerbsConnection[] slots, VerbsConnection connection) {
    int mask = slots.length - 1;
    int at = connection.number() & mask;
    while (slots[at] != null) {
      at = (at + 1) & mask;
    }
    slots[at] = connection;
  }
}
