package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.SVCPostSend.RdmaMod;
import com.ibm.disni.verbs.SVCPostSend.SendWRMod;
import com.ibm.disni.verbs.SVCPostSend.SgeMod;
import io.splitkernel.ffi.RawMemory;
import java.io.IOException;

/** A native struct ibv_send_wr, which a program may change between executions. */
final class SendRequest implements SendWRMod, RdmaMod {
  static final int BYTES = Results.at("sizeof(ibv_send_wr)");
  private static final int WR_ID = Results.at("ibv_send_wr.wr_id");
  private static final int NEXT = Results.at("ibv_send_wr.next");
  private static final int SG_LIST = Results.at("ibv_send_wr.sg_list");
  private static final int NUM_SGE = Results.at("ibv_send_wr.num_sge");
  private static final int OPCODE = Results.at("ibv_send_wr.opcode");
  private static final int FLAGS = Results.at("ibv_send_wr.send_flags");
  private static final int IMM_DATA = Results.at("ibv_send_wr.imm_data");
  private static final int RDMA_ADDRESS = Results.at("ibv_send_wr.wr.rdma.remote_addr");
  private static final int RDMA_RKEY = Results.at("ibv_send_wr.wr.rdma.rkey");
  private static final int ATOMIC_ADDRESS = Results.at("ibv_send_wr.wr.atomic.remote_addr");
  private static final int ATOMIC_COMPARE = Results.at("ibv_send_wr.wr.atomic.compare_add");
  private static final int ATOMIC_SWAP = Results.at("ibv_send_wr.wr.atomic.swap");
  private static final int ATOMIC_RKEY = Results.at("ibv_send_wr.wr.atomic.rkey");

  private final NativeBlock owner;
  private final long at;
  private final SgeMod[] elements;
  private int reserved;

  /** Writes a request; {@code next} is the address of the next one or 0. */
  SendRequest(NativeBlock owner, long at, long list, long next, IbvSendWR from) throws IOException {
    this.owner = owner;
    this.at = at;
    int opcode = from.getOpcode();
    if (opcode < IbvSendWR.IBV_WR_RDMA_WRITE || opcode > IbvSendWR.IBV_WR_ATOMIC_FETCH_AND_ADD) {
      throw new IOException("postSend: there is no opcode " + opcode);
    }
    int count = ScatterList.count(from.getSg_list(), from.getNum_sge());
    ScatterList.write(list, from.getSg_list(), count);
    elements = new SgeMod[count];
    for (int i = 0; i < count; i++) {
      elements[i] = new ScatterList.Element(owner, list + (long) i * ScatterList.BYTES);
    }
    RawMemory.putLong(at + WR_ID, from.getWr_id());
    RawMemory.putLong(at + NEXT, next);
    RawMemory.putLong(at + SG_LIST, list);
    RawMemory.putInt(at + NUM_SGE, count);
    RawMemory.putInt(at + OPCODE, opcode);
    RawMemory.putInt(at + FLAGS, from.getSend_flags());
    RawMemory.putInt(at + IMM_DATA, from.getImm_data());
    if (opcode >= IbvSendWR.IBV_WR_ATOMIC_CMP_AND_SWP) {
      RawMemory.putLong(at + ATOMIC_ADDRESS, from.getAtomic().getRemote_addr());
      RawMemory.putLong(at + ATOMIC_COMPARE, from.getAtomic().getCompare_add());
      RawMemory.putLong(at + ATOMIC_SWAP, from.getAtomic().getSwap());
      RawMemory.putInt(at + ATOMIC_RKEY, from.getAtomic().getRkey());
    } else {
      RawMemory.putLong(at + RDMA_ADDRESS, from.getRdma().getRemote_addr());
      RawMemory.putInt(at + RDMA_RKEY, from.getRdma().getRkey());
    }
  }

  private int rkeyAt() {
    return getOpcode() >= IbvSendWR.IBV_WR_ATOMIC_CMP_AND_SWP ? ATOMIC_RKEY : RDMA_RKEY;
  }

  private int remoteAt() {
    return getOpcode() >= IbvSendWR.IBV_WR_ATOMIC_CMP_AND_SWP ? ATOMIC_ADDRESS : RDMA_ADDRESS;
  }

  NativeBlock owner() {
    return owner;
  }

  @Override
  public void setWr_id(long wrId) {
    RawMemory.putLong(at + WR_ID, wrId);
  }

  @Override
  public void setSend_flags(int flags) {
    RawMemory.putInt(at + FLAGS, flags);
  }

  @Override
  public long getWr_id() {
    return RawMemory.getLong(at + WR_ID);
  }

  @Override
  public int getNum_sge() {
    return elements.length;
  }

  @Override
  public int getOpcode() {
    return RawMemory.getInt(at + OPCODE);
  }

  @Override
  public int getSend_flags() {
    return RawMemory.getInt(at + FLAGS);
  }

  @Override
  public RdmaMod getRdmaMod() {
    return this;
  }

  @Override
  public SgeMod getSgeMod(int index) {
    return elements[index];
  }

  @Override
  public void setRemote_addr(long address) {
    RawMemory.putLong(at + remoteAt(), address);
  }

  @Override
  public long getRemote_addr() {
    return RawMemory.getLong(at + remoteAt());
  }

  @Override
  public void setRkey(int rkey) {
    RawMemory.putInt(at + rkeyAt(), rkey);
  }

  @Override
  public int getRkey() {
    return RawMemory.getInt(at + rkeyAt());
  }

  @Override
  public void setReserved(int value) {
    reserved = value;
  }

  @Override
  public int getReserved() {
    return reserved;
  }
}
