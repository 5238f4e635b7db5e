package io.splitkernel.fabric.disni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.ibm.disni.util.MemoryUtils;
import com.ibm.disni.util.NativeAffinity;
import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaProvider;
import com.ibm.disni.verbs.RdmaVerbs;
import io.splitkernel.ffi.rdma.RdmaLibraries;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Needs no device. */
class DisniProviderTest {
  @BeforeAll
  static void install() {
    DisniProvider.install();
    DisniProvider.install();
  }

  @Test
  void shouldBeDisnisProvider() throws Exception {
    assertInstanceOf(DisniProvider.class, RdmaProvider.provider());
    assertEquals(32, RdmaVerbs.getVersion());
  }

  @Test
  void shouldNameMissingLibrariesAndTheCure() {
    assumeFalse(RdmaLibraries.missing().isEmpty(), "the RDMA libraries are installed");
    IOException failure = assertThrows(IOException.class, RdmaCm::open);
    assertTrue(failure.getMessage().contains("apt-get install"), failure.getMessage());
  }

  @Test
  void shouldBindThreadsWithoutJni() throws Exception {
    Throwable[] thrown = new Throwable[1];
    Thread thread =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((t, e) -> thrown[0] = e)
            .start(() -> {
              long all = NativeAffinity.getAffinity();
              NativeAffinity.setAffinity(0);
              assertEquals(all, NativeAffinity.getAffinity());
              NativeAffinity.setAffinity(Long.lowestOneBit(all));
              assertEquals(Long.lowestOneBit(all), NativeAffinity.getAffinity());
            });
    thread.join();
    assertNull(thrown[0]);
  }

  @Test
  void shouldTellWhereABufferIs() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    long start = MemoryUtils.getAddress(buffer);
    assertTrue(start != 0);
    assertEquals(start, MemoryUtils.getAddress(buffer.position(8)));
    assertEquals(start + 8, MemoryUtils.getAddress(buffer.slice()));
    assertThrows(
        IllegalArgumentException.class, () -> MemoryUtils.getAddress(ByteBuffer.allocate(8)));
  }
}
