package io.splitkernel.scomponent.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.splitkernel.protocol.files.Volume;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryVolumeTest extends VolumeContract {
  private final MemoryStore store = new MemoryStore();

  @BeforeEach
  void make() {
    assertEquals(0, store.makeVolume("v", QUOTA));
  }

  @Override
  protected Volume volume() {
    return store.volume("v");
  }

  @Test
  void shouldForgetWhatWasNotSynced() {
    create("/f");
    write("/f", 0, bytes(5000, 1));
    assertEquals(0, volume().sync("/f", 0, true));
    write("/f", 4000, bytes(5000, 2));
    create("/g");
    write("/g", 0, bytes(10, 3));
    long verifier = store.verifier();
    store.crash();
    assertNotEquals(verifier, store.verifier());
    assertArrayEquals(bytes(5000, 1), read("/f", 0, 10_000));
    assertEquals(0, read("/g", 0, 10).length);
    assertEquals(100, write("/f", 4950, bytes(100, 4)));
    assertArrayEquals(bytes(100, 4), read("/f", 4950, 200));
  }
}
