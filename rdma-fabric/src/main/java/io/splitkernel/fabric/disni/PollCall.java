package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.SVCPollCq;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;

/** ibv_poll_cq into the program's completions. Data path, allocates nothing. One thread. */
final class PollCall extends SVCPollCq {
  private static final int WC_BYTES = Results.at("sizeof(ibv_wc)");
  private static final int WR_ID = Results.at("ibv_wc.wr_id");
  private static final int STATUS = Results.at("ibv_wc.status");
  private static final int OPCODE = Results.at("ibv_wc.opcode");
  private static final int VENDOR_ERR = Results.at("ibv_wc.vendor_err");
  private static final int BYTE_LEN = Results.at("ibv_wc.byte_len");
  private static final int IMM_DATA = Results.at("ibv_wc.imm_data");
  private static final int QP_NUM = Results.at("ibv_wc.qp_num");
  private static final int SRC_QP = Results.at("ibv_wc.src_qp");
  private static final int WC_FLAGS = Results.at("ibv_wc.wc_flags");

  private final DisniCq cq;
  private final IbvWC[] completions;
  private final int entries;
  private final NativeBlock memory;
  private int polls;
  private boolean freed;

  PollCall(DisniCq cq, IbvWC[] completions, int entries) throws IOException {
    if (entries < 1 || entries > completions.length) {
      throw new IOException("poll: from 1 to " + completions.length + " entries, not " + entries);
    }
    this.cq = cq;
    this.completions = completions;
    this.entries = entries;
    memory = new NativeBlock((long) entries * WC_BYTES);
  }

  @Override
  public SVCPollCq execute() throws IOException {
    Results.open(isValid(), "completion queue, or the call,");
    int count = cq.device().queues().poll(cq.address(), entries, memory.address());
    if (count < 0) {
      throw Results.failure("ibv_poll_cq", count);
    }
    for (int i = 0; i < count; i++) {
      copy(memory.address() + (long) i * WC_BYTES, completions[i]);
    }
    polls = count;
    return this;
  }

  private static void copy(long from, IbvWC to) {
    to.setWr_id(RawMemory.getLong(from + WR_ID));
    to.setStatus(RawMemory.getInt(from + STATUS));
    to.setOpcode(RawMemory.getInt(from + OPCODE));
    to.setVendor_err(RawMemory.getInt(from + VENDOR_ERR));
    to.setByte_len(RawMemory.getInt(from + BYTE_LEN));
    to.setImm_data(RawMemory.getInt(from + IMM_DATA));
    to.setQp_num(RawMemory.getInt(from + QP_NUM));
    to.setSrc_qp(RawMemory.getInt(from + SRC_QP));
    to.setWc_flags(RawMemory.getInt(from + WC_FLAGS));
  }

  @Override
  public int getPolls() {
    return polls;
  }

  @Override
  public boolean isValid() {
    return !freed && cq.isOpen();
  }

  @Override
  public SVCPollCq free() {
    freed = true;
    return this;
  }
}
