package io.splitkernel.jmh.storage;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.providers.FabricProviders;
import io.splitkernel.ffi.LinuxFiles;
import io.splitkernel.launcher.files.StorageClients;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.client.FileClientConfig;
import io.splitkernel.scomponent.store.DirectoryStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * One round of {@code ci/storage-bench}: prints its figures as lines of {@code NAME VALUE}.
 *
 * <p>Arguments: the monitor, the file with the secret, a volume, the name of a file in it, a file
 * with the same content on this machine, a directory for a store, reads at once, seconds, synced
 * writes.
 */
public final class StorageRound {
  private static final int O_DIRECT = 0x4000;

  private StorageRound() {}

  /** Runs it; an exception ends it with status 1. */
  public static void main(String[] args) throws Exception {
    FabricAddress monitor = FabricAddress.parse(args[0]);
    Secret secret = Secret.load(Path.of(args[1]), null);
    int depth = Integer.parseInt(args[6]);
    double seconds = Double.parseDouble(args[7]);
    int writes = Integer.parseInt(args[8]);
    try (Fabric fabric = FabricProviders.open("shm", "", FabricProviders.ANY_GID);
        StorageClients clients =
            new StorageClients(fabric, monitor, secret, FileClientConfig.DEFAULT)) {
      Volume volume = clients.volume(args[2]);
      reads(volume, "/" + args[3], args[4], depth, seconds);
      syncs(volume, Path.of(args[5]), writes);
    }
  }

  private static void reads(Volume volume, String path, String plain, int depth, double seconds)
      throws Exception {
    int fd = LinuxFiles.openLocal(plain, LinuxFiles.O_RDONLY | O_DIRECT, 0);
    if (fd < 0) {
      throw new IllegalStateException(plain + " cannot be opened for direct I/O: " + fd);
    }
    FileAttributes found = new FileAttributes(); // reads name the id, as those of a mount do
    int result = volume.lookup(path, 0, found);
    if (result < 0) {
      throw new IllegalStateException(path + ": " + result);
    }
    RandomReads reads = new RandomReads(Files.size(Path.of(plain)), depth);
    RandomReads.Source direct =
        (offset, into) -> LinuxFiles.read(fd, offset, into.address(), (int) into.byteSize());
    long id = found.id;
    RandomReads.Source remote = (offset, into) -> volume.read(path, id, offset, into);
    reads.perSecond(direct, seconds / 2);
    print("direct_reads", reads.perSecond(direct, seconds));
    reads.perSecond(remote, seconds / 2);
    print("lego_reads", reads.perSecond(remote, seconds));
  }

  private static void syncs(Volume remote, Path directory, int writes) throws Exception {
    try (DirectoryStore store = DirectoryStore.open(directory)) {
      store.makeVolume("local", 0);
      SyncedWrites synced = new SyncedWrites();
      synced.run(store.volume("local"), remote, writes);
      print("store_sync_us", synced.localUs());
      print("lego_sync_us", synced.remoteUs());
      print("call_us", synced.callUs());
    }
  }

  private static void print(String name, double value) {
    System.out.printf(Locale.ROOT, "%s %.1f%n", name, value);
  }
}
