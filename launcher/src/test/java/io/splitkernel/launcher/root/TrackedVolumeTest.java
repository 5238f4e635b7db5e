package io.splitkernel.launcher.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.counters.Counters;
import io.splitkernel.protocol.files.AttributeChange;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;

class TrackedVolumeTest {
  private static final long ID = 7;
  private static final int MOST = 3;
  private static final long PATIENCE_NS = 600_000_000_000L;

  private final ConcurrentSkipListSet<String> synced = new ConcurrentSkipListSet<>();
  private final Map<String, Integer> answers = new HashMap<>();
  private final Counters<VolumeCounter> counters = new Counters<>(VolumeCounter.class, () -> 0);
  private final TrackedVolume volume = new TrackedVolume(recorder(), counters, MOST);
  private final FileAttributes out = new FileAttributes();
  private int links = 1;

  /** A volume on which everything succeeds, except for syncs that were told to fail. */
  private Volume recorder() {
    return (Volume)
        Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Volume.class}, this::answer);
  }

  private Object answer(Object self, Method method, Object[] arguments) {
    String path = arguments == null ? "" : (String) arguments[0];
    for (Object argument : arguments == null ? new Object[0] : arguments) {
      if (argument instanceof FileAttributes attributes) {
        attributes.id = ID;
        attributes.mode = FileAttributes.REGULAR;
        attributes.links = links;
      }
    }
    return switch (method.getName()) {
      case "write" -> (int) ((MemorySegment) arguments[3]).byteSize();
      case "sync" -> {
        synced.add(path);
        yield answers.getOrDefault(path, 0);
      }
      default -> 0;
    };
  }

  private void write(String path) {
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(5, volume.write(path, ID, 0, arena.allocate(5)));
    }
  }

  private List<String> syncAll() {
    synced.clear();
    assertEquals(0, volume.syncAll(PATIENCE_NS).count());
    return List.copyOf(synced);
  }

  @Test
  void shouldSyncWhatWasChangedAndNothingTwice() {
    assertEquals(0, volume.create("/d/a", ID, 0, 0600, 0, 0, out));
    write("/d/a");
    assertEquals(List.of("/d", "/d/a"), syncAll());
    assertEquals(List.of(), syncAll());
    volume.change("/d/a", ID, AttributeChange.mode(0644), out);
    assertEquals(List.of("/d/a"), syncAll());
    assertEquals(2, counters.get(VolumeCounter.VOLUME_SYNCS) - 1);
    assertEquals(5, counters.get(VolumeCounter.VOLUME_WRITTEN_BYTES));
  }

  @Test
  void shouldLeaveOutWhatTheProgramHasSyncedOrRemoved() {
    write("/a");
    write("/b");
    assertEquals(0, volume.sync("/a", ID, false));
    assertEquals(0, volume.unlink("/b", ID, false));
    assertEquals(List.of("/"), syncAll());
    write("/a");
    assertEquals(0, volume.sync("/a", ID, true)); // its times and mode may be missing
    assertEquals(List.of("/a"), syncAll());
  }

  @Test
  void shouldFollowRenames() {
    write("/d/a");
    volume.rename("/d", 0, "/e", 0, false);
    assertEquals(List.of("/", "/e/a"), syncAll());
    write("/d0");
    write("/x");
    volume.rename("/x", ID, "/d", Volume.RENAME_EXCHANGE, false);
    assertEquals(List.of("/", "/d", "/d0"), syncAll());
  }

  @Test
  void shouldNotForgetAFileThatHasAnotherName() {
    links = 2;
    write("/a");
    volume.unlink("/a", ID, false);
    assertTrue(synced.contains("/a"));
    synced.clear();
    write("/b");
    volume.rename("/c", ID, "/b", 0, false);
    assertTrue(synced.contains("/b"));
  }

  @Test
  void shouldSyncOneOfTooMany() {
    write("/a");
    write("/b");
    write("/c");
    assertEquals(0, synced.size());
    write("/d");
    assertEquals(1, synced.size());
    write("/e");
    assertEquals(2, synced.size());
  }

  @Test
  void shouldTellWhatFailedAndNotWhatIsGone() {
    answers.put("/a", -Errno.EIO);
    answers.put("/b", -Errno.ENOENT);
    answers.put("/c", -Errno.ESTALE);
    write("/a");
    write("/b");
    write("/c");
    SyncFailures failures = volume.syncAll(PATIENCE_NS);
    assertEquals(1, failures.count());
    assertTrue(failures.toString().startsWith("/a: EIO"), failures.toString());
  }

  @Test
  void shouldTellWhatFailedWhenThereWereTooMany() {
    answers.put("/a", -Errno.EIO);
    write("/a");
    write("/b");
    write("/c");
    write("/d");
    answers.clear();
    assertEquals(1, volume.syncAll(PATIENCE_NS).count());
  }

  @Test
  void shouldSayOnlyOnceWhatTheProgramWasTold() {
    answers.put("/a", -Errno.EIO);
    write("/a");
    assertEquals(-Errno.EIO, volume.sync("/a", ID, false));
    assertEquals(List.of(), syncAll());
  }

  @Test
  void shouldGiveUpWhenPatienceIsOver() {
    answers.put("/a", -Errno.EIO);
    for (String path : List.of("/a", "/b", "/c", "/d")) {
      write(path);
    }
    synced.clear();
    SyncFailures failures = volume.syncAll(-1);
    assertEquals(0, synced.size());
    assertTrue(failures.toString().endsWith("and 3 more"), failures.toString());
  }

  @Test
  void shouldLeaveHiddenFilesToTheMount() {
    write("/" + Volume.HIDDEN_DIRECTORY + "/00/x");
    assertEquals(List.of(), syncAll());
  }
}
