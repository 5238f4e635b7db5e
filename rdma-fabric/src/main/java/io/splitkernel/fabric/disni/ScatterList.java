package io.splitkernel.fabric.disni;

import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.SVCPostSend.SgeMod;
import io.splitkernel.ffi.RawMemory;
import java.util.List;

/** Native struct ibv_sge. */
final class ScatterList {
  static final int BYTES = Results.at("sizeof(ibv_sge)");
  private static final int ADDRESS = Results.at("ibv_sge.addr");
  private static final int LENGTH = Results.at("ibv_sge.length");
  private static final int LKEY = Results.at("ibv_sge.lkey");

  private ScatterList() {}

  /** Elements that are to be written, of a request that says how many of its list count. */
  static int count(List<IbvSge> list, int said) {
    if (list == null) {
      return 0;
    }
    return said > 0 ? Math.min(said, list.size()) : list.size();
  }

  static void write(long to, List<IbvSge> list, int count) {
    for (int i = 0; i < count; i++) {
      IbvSge each = list.get(i);
      long at = to + (long) i * BYTES;
      RawMemory.putLong(at + ADDRESS, each.getAddr());
      RawMemory.putInt(at + LENGTH, each.getLength());
      RawMemory.putInt(at + LKEY, each.getLkey());
    }
  }

  /** One element, which a program changes between executions; {@code owner} keeps it alive. */
  record Element(NativeBlock owner, long at) implements SgeMod {
    @Override
    public void setAddr(long address) {
      RawMemory.putLong(at + ADDRESS, address);
    }

    @Override
    public long getAddr() {
      return RawMemory.getLong(at + ADDRESS);
    }

    @Override
    public void setLength(int lengthBytes) {
      RawMemory.putInt(at + LENGTH, lengthBytes);
    }

    @Override
    public int getLength() {
      return RawMemory.getInt(at + LENGTH);
    }

    @Override
    public void setLkey(int lkey) {
      RawMemory.putInt(at + LKEY, lkey);
    }

    @Override
    public int getLkey() {
      return RawMemory.getInt(at + LKEY);
    }
  }
}
