package io.splitkernel.jmh.report;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.verbs.VerbsDevice;
import io.splitkernel.ffi.rdma.RdmaPort;
import io.splitkernel.launcher.bench.BenchOperation;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The programs of perftest, server and client on this machine. Latencies are taken one by one
 * ({@code -H}), bandwidth with every request signalled ({@code -Q 1}), as Lego's are. One thread.
 */
final class Perftest {
  private static final int ATTEMPTS = 2;
  private static final int DIGITS = 3;
  private static final long WAIT_SECONDS = 120;
  private static final long LISTEN_NS = 30_000_000_000L;
  private static final int PORT_FIRST = 18_600;
  private static final int PORTS = 1_000;

  /** Of one JVM, about: the next one begins behind its ports. */
  private static final int RUNS_MAX = 60;

  private final VerbsDevice device;
  private final int gidIndex;
  private final String address;
  private int runs = (int) (ProcessHandle.current().pid() * RUNS_MAX % PORTS);

  private Perftest(VerbsDevice device, int gidIndex, String address) {
    this.device = device;
    this.gidIndex = gidIndex;
    this.address = address;
  }

  /** On the device that the verbs fabric takes, by the same GID. */
  static Perftest onDevice() throws FabricException {
    for (VerbsDevice each : VerbsDevice.all()) {
      if (each.obstacle().isEmpty()) {
        InetAddress address = each.addresses().getFirst();
        RdmaPort.Gid gid = each.gidOf(address);
        return new Perftest(each, gid == null ? 0 : gid.index(), address.getHostAddress());
      }
    }
    throw new FabricException(VerbsDevice.noneUsable(""));
  }

  /** Adds the device's name, address and MTU. */
  void describe(Map<String, Object> document) {
    document.put("device", device.name());
    document.put("address", address);
    document.put("mtu_bytes", device.ports().getFirst().mtuBytes());
  }

  /** Of this machine, on the device. */
  String address() {
    return address;
  }

  /** Name of the program for an operation; empty where perftest's measures something else. */
  static String program(BenchOperation operation) {
    return switch (operation) {
      case READ_LAT -> "ib_read_lat";
      case ATOMIC_LAT -> "ib_atomic_lat";
      case READ_BW -> "ib_read_bw";
      case WRITE_BW -> "ib_write_bw";
      case WRITE_LAT -> ""; // half of a round trip between two programs that spin
    };
  }

  /** Whether a program can be found. */
  static boolean isInstalled(String program) {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      if (!program.isEmpty() && Files.isExecutable(Path.of(directory).resolve(program))) {
        return true;
      }
    }
    return false;
  }

  /** One round of latencies in nanoseconds. */
  Histogram latency(BenchOperation operation, int sizeBytes, int iterations) throws IOException {
    List<String> more =
        operation == BenchOperation.ATOMIC_LAT
            ? List.of("-A", "CMP_AND_SWAP", "-H")
            : List.of("-s", Integer.toString(sizeBytes), "-H");
    List<String> lines = List.of();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      lines = run(program(operation), iterations, more);
      Histogram histogram = latencies(lines);
      if (histogram.getTotalCount() > 0) {
        return histogram;
      }
    }
    throw new IOException(
        program(operation) + " printed no latencies: " + String.join(" / ", lines));
  }

  private static Histogram latencies(List<String> lines) {
    Histogram histogram = new Histogram(DIGITS);
    histogram.setAutoResize(true);
    for (String line : lines) {
      if (line.matches("\\d+, [0-9.]+")) {
        double micros = Double.parseDouble(line.substring(line.indexOf(' ') + 1));
        histogram.recordValue(Math.round(micros * 1_000));
      }
    }
    return histogram;
  }

  /** One round of bandwidth: the average in MiB per second. */
  double bandwidth(BenchOperation operation, int sizeBytes, int iterations, int depth)
      throws IOException {
    List<String> more =
        List.of("-s", Integer.toString(sizeBytes), "-t", Integer.toString(depth), "-Q", "1");
    for (String line : run(program(operation), iterations, more)) {
      String[] words = line.strip().split("\\s+", -1);
      if (words.length == 5 && words[0].equals(Integer.toString(sizeBytes))) {
        return Double.parseDouble(words[3]);
      }
    }
    throw new IOException(program(operation) + " printed no bandwidth");
  }

  private List<String> run(String program, int iterations, List<String> more) throws IOException {
    int port = PORT_FIRST + runs++ % PORTS;
    List<String> command = new ArrayList<>(List.of(program, "-F", "-d", device.name()));
    command.addAll(List.of("-x", Integer.toString(gidIndex), "-p", Integer.toString(port)));
    command.addAll(List.of("-n", Integer.toString(iterations)));
    command.addAll(more);
    Process server =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      awaitListening(port, server);
      command.add(address);
      return output(command);
    } finally {
      end(server);
    }
  }

  private static List<String> output(List<String> command) throws IOException {
    Path file = Files.createTempFile("perftest", ".out");
    try {
      Process client =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(file.toFile())
              .start();
      boolean over = end(client);
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      if (!over || client.exitValue() != 0) {
        String last = lines.isEmpty() ? "" : ": " + lines.getLast();
        throw new IOException(String.join(" ", command) + (over ? " failed" : " hangs") + last);
      }
      return lines;
    } finally {
      Files.delete(file);
    }
  }

  /** Waits for the end of a process, and makes one in the end; false when it had to. */
  private static boolean end(Process process) throws IOException {
    try {
      boolean over = process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly().waitFor();
      return over;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void awaitListening(int port, Process server) throws IOException {
    String listening = String.format(Locale.ROOT, ":%04X ", port);
    long deadline = System.nanoTime() + LISTEN_NS;
    while (System.nanoTime() - deadline < 0 && server.isAlive()) {
      for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
        Path file = Path.of(table);
        for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
          if (line.contains(listening) && line.contains(":0000 0A ")) {
            return;
          }
        }
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    server.destroyForcibly();
    throw new IOException("the server of perftest does not listen on port " + port);
  }
}
