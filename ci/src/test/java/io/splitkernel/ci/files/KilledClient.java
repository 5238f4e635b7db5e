package io.splitkernel.ci.files;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.shm.ShmConfig;
import io.splitkernel.fabric.shm.ShmFabric;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Scanner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A client in a process of its own that does random operations until it is killed. It tells on its
 * stdout what it is about to do and what was answered, so that whoever reads that knows what may
 * and what must be found afterwards.
 */
final class KilledClient implements AutoCloseable {
  private static final int RUN_MAX = 6;

  private final Process process;
  private final Scanner out;

  private KilledClient(Process process) {
    this.process = process;
    out = new Scanner(process.getInputStream(), StandardCharsets.UTF_8);
  }

  /**
   * Starts one, and waits until it is connected.
   *
   * @param monitor of the cluster.
   * @param seed of its operations.
   * @param number the first to write; greater ones follow.
   */
  static KilledClient start(FabricAddress monitor, long seed, long number) throws Exception {
    List<String> line = new ArrayList<>(ChildComponent.java());
    line.addAll(List.of(KilledClient.class.getName(), monitor.toString(), "" + seed, "" + number));
    KilledClient client =
        new KilledClient(
            new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    if (!client.out.hasNextLine()) {
      client.close();
      throw new IllegalStateException("the client has ended by itself");
    }
    client.out.nextLine();
    return client;
  }

  /**
   * Lets it work, kills it, and reads what it has told.
   *
   * @param operations that are answered before its end begins.
   * @param micros from then to its end.
   * @param told takes what it tells.
   */
  void killAfter(int operations, int micros, Told told) throws Exception {
    try (ExecutorService killer = Executors.newSingleThreadExecutor()) {
      Future<?> kill = null;
      int answered = 0;
      while (out.hasNextLine()) {
        answered += told.line(out.nextLine().split(" ", -1)) ? 1 : 0;
        if (answered == operations && kill == null) {
          // Not by the Process, which would throw away what was told and is not read yet.
          kill = killer.submit(Later.after(micros, () -> process.toHandle().destroyForcibly()));
        }
      }
      if (kill == null) {
        throw new IllegalStateException("the client has ended by itself");
      }
      kill.get(60, TimeUnit.SECONDS);
    }
  }

  /** Takes what it tells; true for an answer. */
  interface Told {
    boolean line(String[] words);
  }

  public static void main(String[] arguments) throws Exception {
    Random random = new Random(Long.parseLong(arguments[1]));
    long number = Long.parseLong(arguments[2]);
    Volume volume =
        CrashCluster.connect(
                ShmFabric.open(ShmConfig.defaults()), FabricAddress.parse(arguments[0]))
            .volume(FileCluster.NAME.volume());
    MemorySegment buffer = Arena.global().allocate((long) RUN_MAX * Volume.BLOCK_BYTES);
    tell("ready");
    while (true) {
      switch (random.nextInt(8)) {
        case 0 -> sync(volume, random.nextInt(BlockHistory.FILES));
        case 1 -> comeAndGo(volume, ++number);
        default -> {
          int file = random.nextInt(BlockHistory.FILES);
          int count = 1 + random.nextInt(RUN_MAX);
          int first = random.nextInt(BlockHistory.BLOCKS - count + 1);
          tell("write " + file + " " + first + " " + count + " " + number);
          int result = BlockHistory.write(volume, buffer, file, first, count, number);
          require(result == count * Volume.BLOCK_BYTES, result);
          number += count;
          tell("written " + file + " " + first + " " + count);
        }
      }
    }
  }

  private static void sync(Volume volume, int file) {
    int result = volume.sync(BlockHistory.path(file), BlockHistory.id(file), false);
    require(result == 0, result);
    tell("synced " + file);
  }

  private static void comeAndGo(Volume volume, long id) {
    FileAttributes out = new FileAttributes();
    tell("create " + id);
    int created = volume.create("/new-" + id, id, 0, 0600, 0, 0, out);
    require(created == 0, created);
    tell("created " + id);
    int renamed = volume.rename("/new-" + id, id, "/old-" + id, 0, false);
    require(renamed == 0, renamed);
    tell("renamed " + id);
    int removed = volume.unlink("/old-" + id, id, false);
    require(removed == 0, removed);
    tell("removed " + id);
  }

  private static void require(boolean good, int result) {
    if (!good) {
      tell("failed " + result);
      Runtime.getRuntime().halt(1);
    }
  }

  private static void tell(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Kills it. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
