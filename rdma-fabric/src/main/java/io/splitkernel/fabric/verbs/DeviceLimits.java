package io.splitkernel.fabric.verbs;

import io.splitkernel.fabric.Access;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.FabricLimits;
import io.splitkernel.fabric.WorkRequest;
import io.splitkernel.ffi.Errno;
import io.splitkernel.ffi.MemoryMap;
import io.splitkernel.ffi.RawMemory;
import io.splitkernel.ffi.rdma.Verbs;
import io.splitkernel.ffi.rdma.VerbsLayout;

/** What a device says that it can do, and what it shows when it is tried. */
final class DeviceLimits {
  private static final int INLINE_BYTES = 64;
  private static final long MESSAGE_BYTES_MAX = 1L << 30;
  private static final long ATTRIBUTES_BYTES = 4096;

  private DeviceLimits() {}

  static FabricLimits of(long context) throws FabricException {
    long attributes = RawMemory.map(ATTRIBUTES_BYTES);
    int result = Verbs.queryDevice(context, attributes);
    int depth = RawMemory.getInt(attributes + VerbsLayout.of("ibv_device_attr.max_qp_wr"));
    int elements = RawMemory.getInt(attributes + VerbsLayout.of("ibv_device_attr.max_sge"));
    long region = RawMemory.getLong(attributes + VerbsLayout.of("ibv_device_attr.max_mr_size"));
    RawMemory.unmap(attributes, ATTRIBUTES_BYTES);
    if (result != 0) {
      throw new FabricException("ibv_query_device: " + Errno.text(result));
    }
    return new FabricLimits(
        depth,
        Math.min(elements, WorkRequest.SCATTER_MAX),
        INLINE_BYTES,
        MESSAGE_BYTES_MAX,
        region < 0 ? Long.MAX_VALUE : region,
        hasOnDemandPaging(context));
  }

  /** Registers one page: the kernel refuses ON_DEMAND for a device that has none. */
  private static boolean hasOnDemandPaging(long context) {
    long pd = Verbs.allocPd(context);
    if (pd < 0) {
      return false;
    }
    long page = RawMemory.map(MemoryMap.PAGE_BYTES);
    int access = Access.LOCAL_WRITE | Access.REMOTE_READ | Access.ON_DEMAND;
    long mr = Verbs.regMr(pd, page, MemoryMap.PAGE_BYTES, page, access);
    if (mr > 0) {
      Verbs.deregMr(mr);
    }
    RawMemory.unmap(page, MemoryMap.PAGE_BYTES);
    Verbs.deallocPd(pd);
    return mr > 0;
  }
}
