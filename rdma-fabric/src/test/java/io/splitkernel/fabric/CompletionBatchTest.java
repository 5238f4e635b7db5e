package io.splitkernel.fabric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class CompletionBatchTest {
  private final CompletionBatch batch = new CompletionBatch(4);

  private void add(CompletionStatus status, Opcode opcode) {
    batch.add(-1L, status, opcode, -2, -3, -4);
  }

  @Test
  void shouldKeepAllFieldsApart() {
    for (CompletionStatus status : CompletionStatus.values()) {
      for (Opcode opcode : Opcode.values()) {
        batch.clear();
        add(status, opcode);
        assertEquals(1, batch.count());
        assertEquals(-1L, batch.wrId(0));
        assertEquals(status, batch.status(0));
        assertEquals(opcode, batch.opcode(0));
        assertEquals(-2, batch.lengthBytes(0));
        assertEquals(-3, batch.immediate(0));
        assertEquals(-4, batch.connectionNumber(0));
        assertEquals(status == CompletionStatus.SUCCESS, batch.isAllSuccess());
      }
    }
  }

  @Test
  void shouldRememberFailuresAsLongAsTheyAreInIt() {
    assertTrue(batch.isAllSuccess());
    add(CompletionStatus.FLUSHED, Opcode.READ);
    add(CompletionStatus.SUCCESS, Opcode.READ);
    assertFalse(batch.isAllSuccess());
    batch.hold();
    batch.clear();
    assertEquals(2, batch.count());
    assertFalse(batch.isAllSuccess());
    batch.release();
    batch.clear();
    assertEquals(0, batch.count());
    assertTrue(batch.isAllSuccess());
  }
}
