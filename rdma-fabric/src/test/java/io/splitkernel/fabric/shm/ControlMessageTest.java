package io.splitkernel.fabric.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The decoder of the control socket against what a peer may send. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ControlMessageTest {
  private static final Introduction HONEST = new Introduction(1024, 16, 16, 3, 15, 64, 7);
  private static final int[] NONE = {};

  /** Not open, so that closing them is harmless. */
  private static final int[] THREE = {1 << 20, 1 << 20, 1 << 20};

  private static ControlMessage parse(byte[] bytes, int[] descriptors) {
    return ControlMessage.parse(bytes, bytes.length, false, descriptors);
  }

  @Test
  void shouldReadBackWhatWasWritten() {
    ControlMessage hello = parse(ControlMessage.hello(HONEST, new byte[] {4, 5}), THREE);
    assertEquals(ControlMessage.Type.HELLO, hello.type());
    assertEquals(HONEST, Introduction.read(hello.body()));
    assertArrayEquals(new byte[] {4, 5}, hello.rest());
    ControlMessage memory = parse(ControlMessage.memory(77, 1L << 40), new int[] {1 << 20});
    assertEquals(77, memory.body().getInt());
    assertEquals(1L << 40, memory.body().getLong());
  }

  @Test
  void shouldRefuseEveryLengthButTheRightOne() {
    byte[] whole = ControlMessage.memory(1, 4096);
    for (int length = 0; length < 40; length++) {
      ControlMessage parsed = parse(Arrays.copyOf(whole, length), new int[] {1 << 20});
      assertEquals(length == whole.length, parsed != null, "length " + length);
    }
  }

  @Test
  void shouldRefuseTruncatedMessagesAndWrongDescriptors() {
    byte[] gone = ControlMessage.ofInt(ControlMessage.Type.MEMORY_GONE, 1);
    assertNotNull(parse(gone, NONE));
    assertNull(parse(gone, THREE));
    assertNull(ControlMessage.parse(gone, gone.length, true, NONE));
  }

  @Test
  void shouldNeverThrowOnMutatedMessages() {
    Random random = new Random(20261123);
    byte[] hello = ControlMessage.hello(HONEST, new byte[100]);
    for (int i = 0; i < 200_000; i++) {
      byte[] mutated = Arrays.copyOf(hello, random.nextInt(ControlMessage.BYTES_MAX));
      for (int flips = random.nextInt(4); flips > 0 && mutated.length > 0; flips--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
      }
      ControlMessage parsed = parse(mutated, random.nextBoolean() ? THREE : NONE);
      if (parsed != null && parsed.type() == ControlMessage.Type.HELLO) {
        Introduction read = Introduction.read(parsed.body());
        if (read != null) {
          assertEquals(true, read.tableBytes() > 0 && read.queue() < read.queuesMax());
        }
      }
    }
  }
}
