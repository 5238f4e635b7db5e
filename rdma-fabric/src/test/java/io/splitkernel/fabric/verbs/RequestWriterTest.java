package io.splitkernel.fabric.verbs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.VerbsLayout;
import org.junit.jupiter.api.Test;

/** Needs no device. */
class RequestWriterTest {
  /** One thread writes sends while another one writes receives. */
  @Test
  void shouldWriteReceivesWhereNoSendIs() {
    try (RequestWriter writer = new RequestWriter()) {
      writer.send(0, new WorkRequest().send(1).local(7, 0x1000, 64), 1);
      writer.receive(2, 8, 0x2000, 128);
      long sent = RawMemory.getLong(writer.chain() + VerbsLayout.of("ibv_send_wr.sg_list"));
      long received = RawMemory.getLong(writer.receive() + VerbsLayout.of("ibv_recv_wr.sg_list"));
      expectElement(sent, 7, 0x1000, 64);
      expectElement(received, 8, 0x2000, 128);
      assertNotEquals(writer.bad(), writer.receiveBad());
    }
  }

  private static void expectElement(long at, int key, long address, int length) {
    assertEquals(address, RawMemory.getLong(at + VerbsLayout.of("ibv_sge.addr")));
    assertEquals(length, RawMemory.getInt(at + VerbsLayout.of("ibv_sge.length")));
    assertEquals(key, RawMemory.getInt(at + VerbsLayout.of("ibv_sge.lkey")));
  }
}
