package io.splitkernel.scomponent.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.splitkernel.ffi.Errno;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Whose hidden files are removed, and when. */
final class HiddenFilesTest {
  private static final int LEASE_MS = 1_000;
  private static final long LEASE_NS = LEASE_MS * 1_000_000L;

  private final ModelVolume volume = new ModelVolume();
  private final FileAttributes out = new FileAttributes();
  private final FusePaths alivePaths = new FusePaths(1);
  private final FusePaths otherPaths = new FusePaths(2);
  private final HiddenFiles alive = new HiddenFiles(volume, alivePaths, LEASE_MS);
  private final HiddenFiles other = new HiddenFiles(volume, otherPaths, LEASE_MS);

  private void hideAFile() {
    assertEquals(0, other.prepare());
    assertEquals(0, volume.create(otherPaths.hiddenDirectory() + "/f", 9, 0, 0600, 0, 0, out));
  }

  @Test
  void filesOfAMountThatDiedAreRemovedAfterALease() {
    hideAFile();
    alive.tick(0);
    alive.tick(LEASE_NS);
    assertEquals(0, volume.lookup(otherPaths.hiddenDirectory() + "/f", 9, out));
    alive.tick(LEASE_NS + 1);
    assertEquals(-Errno.ENOENT, volume.lookup(otherPaths.hiddenDirectory(), 0, out));
    assertEquals(-Errno.ESTALE, volume.lookup("/f", 9, out));
  }

  @Test
  void filesOfAMountThatLivesStay() {
    hideAFile();
    for (int i = 0; i < 10; i++) {
      alive.tick(i * LEASE_NS);
      long before = modifiedNs();
      do {
        other.tick(i * LEASE_NS);
      } while (modifiedNs() == before);
    }
    assertEquals(0, volume.lookup(otherPaths.hiddenDirectory() + "/f", 9, out));
  }

  private long modifiedNs() {
    assertEquals(0, volume.lookup(otherPaths.hiddenDirectory(), 0, out));
    return out.modifiedNs;
  }

  @Test
  void theEndOfAMountRemovesItsOwn() {
    hideAFile();
    assertEquals(0, alive.prepare());
    other.close();
    assertEquals(-Errno.ENOENT, volume.lookup(otherPaths.hiddenDirectory(), 0, out));
    assertEquals(0, volume.lookup(alivePaths.hiddenDirectory(), 0, out));
    alive.close();
    assertEquals(-Errno.ENOENT, volume.lookup(FusePaths.HIDDEN, 0, out));
  }

  @Test
  void anotherMountThatEndsMeanwhileIsNoHindrance() {
    AtomicInteger made = new AtomicInteger();
    Volume racing =
        (Volume)
            Proxy.newProxyInstance(
                Volume.class.getClassLoader(),
                new Class<?>[] {Volume.class},
                (proxy, method, arguments) -> {
                  Object rc = method.invoke(volume, arguments);
                  if (method.getName().equals("makeDirectory") && made.incrementAndGet() == 1) {
                    assertEquals(0, volume.removeDirectory(FusePaths.HIDDEN, 0, false));
                  }
                  return rc;
                });
    assertEquals(0, new HiddenFiles(racing, alivePaths, LEASE_MS).prepare());
    assertEquals(0, volume.lookup(alivePaths.hiddenDirectory(), 0, out));
  }
}
