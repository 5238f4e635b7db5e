package io.splitkernel.protocol.cluster;

/** Where heartbeats read a component's counters. Called on the heartbeat's thread. */
public interface CounterSource {
  /** Nothing to count. */
  CounterSource NONE =
      new CounterSource() {
        @Override
        public String[] names() {
          return new String[0];
        }

        @Override
        public void read(long[] values) {}

        @Override
        public long freeBytes() {
          return 0;
        }
      };

  /**
   * Names, told once when joining.
   *
   * @return up to 256 names of up to 64 ASCII characters.
   */
  String[] names();

  /**
   * Reads the counters as they are now.
   *
   * @param values receives one value per name.
   */
  void read(long[] values);

  /**
   * Memory that is free at a memory component.
   *
   * @return bytes; 0 for others.
   */
  long freeBytes();
}
