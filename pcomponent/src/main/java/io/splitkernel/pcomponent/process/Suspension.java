package io.splitkernel.pcomponent.process;

/**
 * What is to be done around the time in which this process is stopped together with its program.
 */
public interface Suspension {
  /** Nothing. */
  Suspension NONE =
      new Suspension() {
        @Override
        public void suspend() {}

        @Override
        public void resume() {}
      };

  /** It stops as soon as this returns, for any time. */
  void suspend();

  /** It runs again. */
  void resume();
}
