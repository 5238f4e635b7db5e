package io.splitkernel.launcher.command;

import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.Syscall;
import io.splitkernel.launcher.LegoFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/** How a component lives in the foreground of its process. */
final class Component {
  private static final long SYS_SETSID = 112;

  private Component() {}

  /** Leaves the terminal and its signals, so that the component outlives who started it. */
  static void detach() throws LegoFailure {
    long result = Syscall.call(SYS_SETSID, 0, 0, 0);
    if (result == -Errno.EPERM) {
      return;
    }
    if (result < 0) {
      throw new LegoFailure(LegoFailure.FAILURE, "setsid(): " + Errno.text(result));
    }
  }

  /**
   * Ends this process at once when its stdin ends, and so with the process that holds the other
   * end, however that one ends.
   */
  static void endWithStdin() {
    Thread.ofPlatform()
        .daemon()
        .name("lego-tether")
        .start(() -> {
          try {
            System.in.transferTo(OutputStream.nullOutputStream());
          } catch (IOException e) {
            // as good as its end
          }
          Runtime.getRuntime().halt(0);
        });
  }

  /**
   * Says that it is ready, and waits for its end. SIGTERM and SIGINT close it.
   *
   * @param line first line of stdout.
   * @param ended completes with a reason when it should end.
   * @param component to close at the end.
   * @return exit status: 0 when it was told to end, 1 when its cluster was lost.
   */
  static int live(String line, CompletableFuture<String> ended, AutoCloseable component) {
    Thread closer = new Thread(() -> close(component), "lego-close");
    Runtime.getRuntime().addShutdownHook(closer);
    System.out.println(line);
    System.out.flush();
    String reason = ended.join();
    close(component);
    boolean lost = reason.contains("lost");
    if (lost) {
      System.err.println("lego: " + reason);
    }
    return lost ? LegoFailure.FAILURE : 0;
  }

  private static void close(AutoCloseable component) {
    synchronized (component) {
      try {
        component.close();
      } catch (Exception e) {
        System.err.println("lego: closing: " + e.getMessage());
      }
    }
  }
}
