package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.CompletionQueue;
import io.splitkernel.fabric.ConnectionConfig;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricMemory;
import io.splitkernel.fabric.Listener;
import io.splitkernel.fabric.MemoryRegion;
import io.splitkernel.fabric.ProtectionDomain;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The other process: lends memory that holds its process id, and then does nothing. */
final class VerbsPeer {
  static final long MEMORY_BYTES = 1L << 20;
  static final long IOVA = 0x4000_0000L;
  private static final long TIMEOUT_NS = 30_000_000_000L;
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private VerbsPeer() {}

  /** Prints port and key, accepts one connection, and ends with its standard input. */
  public static void main(String[] args) throws Exception {
    try (VerbsFabric fabric = VerbsFabric.open("");
        Listener listener = fabric.listen(new FabricAddress("localhost", 0))) {
      ProtectionDomain domain = fabric.allocateProtectionDomain();
      CompletionQueue queue = fabric.createCompletionQueue(16);
      FabricMemory memory = fabric.allocateMemory(MEMORY_BYTES, "peer");
      MemoryRegion region = domain.register(memory, 0, MEMORY_BYTES, IOVA, Access.ALL);
      memory.segment().set(ValueLayout.JAVA_LONG, 0, ProcessHandle.current().pid());
      OUT.println(listener.address().port() + " " + region.rkey());
      listener
          .accept(TIMEOUT_NS)
          .accept(new ConnectionConfig(domain, queue, queue, 4, 4, Access.ALL, TIMEOUT_NS));
      System.in.transferTo(OutputStream.nullOutputStream());
    }
  }
}
