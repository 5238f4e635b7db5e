package io.splitkernel.fabric.verbs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.splitkernel.fabric.FabricException;
import io.splitkernel.ffi.rdma.VerbsLayout;
import org.junit.jupiter.api.Test;

final class PendingEventsTest {
  private static final int ESTABLISHED = VerbsLayout.of("RDMA_CM_EVENT_ESTABLISHED");
  private static final int DISCONNECTED = VerbsLayout.of("RDMA_CM_EVENT_DISCONNECTED");
  private static final int UNREACHABLE = VerbsLayout.of("RDMA_CM_EVENT_UNREACHABLE");

  private final PendingEvents events = new PendingEvents();

  @Test
  void shouldTakeAGoodbyeThatOvertookTheConfirmationForAConnectionThatIsOver() throws Exception {
    came(DISCONNECTED);
    came(ESTABLISHED);
    events.awaitAccepted("accept", System.nanoTime());
    assertEquals(DISCONNECTED, events.poll().kind());
    assertEquals(ESTABLISHED, events.poll().kind());
  }

  @Test
  void shouldKeepNothingOfAConfirmation() throws Exception {
    came(ESTABLISHED);
    events.awaitAccepted("accept", System.nanoTime());
    assertNull(events.poll());
  }

  @Test
  void shouldFailWhenThePeerIsUnreachableOrSilent() {
    assertThrows(FabricException.class, () -> events.awaitAccepted("accept", System.nanoTime()));
    came(UNREACHABLE);
    assertThrows(FabricException.class, () -> events.awaitAccepted("accept", System.nanoTime()));
  }

  private void came(int kind) {
    events.onEvent(kind, 0, new byte[0]);
  }
}
