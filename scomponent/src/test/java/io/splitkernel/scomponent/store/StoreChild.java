package io.splitkernel.scomponent.store;

import io.splitkernel.protocol.files.VolumeUse;
import java.io.IOException;
import java.nio.file.Path;

/** A process that makes, takes and removes volumes until it is killed, and says what is done. */
public final class StoreChild {
  static final long EPOCH = 1000;

  private StoreChild() {}

  /** The volume of a number; its quota is one byte more. */
  static String name(int number) {
    return "v" + number;
  }

  /**
   * Runs until it is killed.
   *
   * @param args the store's directory, and the first number.
   */
  public static void main(String[] args) throws IOException {
    try (DirectoryStore store = DirectoryStore.open(Path.of(args[0]))) {
      for (int i = Integer.parseInt(args[1]); ; i++) {
        check(store.makeVolume(name(i), i + 1) == 0, "make " + i);
        System.out.println("made " + i);
        VolumeUse use = store.use(name(i));
        for (long epoch = EPOCH; epoch < EPOCH + 3; epoch++) {
          long stamp = use.enter(epoch);
          check(stamp > 0, "enter " + i);
          use.leave(stamp);
        }
        System.out.println("taken " + i);
        if (i % 2 == 0) {
          check(store.removeVolume(name(i)) == 0, "remove " + i);
          System.out.println("removed " + i);
        }
      }
    }
  }

  private static void check(boolean good, String what) {
    if (!good) {
      throw new IllegalStateException(what);
    }
  }
}
