package io.splitkernel.ffi.rdma;

import io.splitkernel.ffi.RawMemory;
import java.nio.charset.StandardCharsets;

/**
 * What a device says of itself (ibv_query_device). Any thread; control path.
 *
 * @param transport an {@code enum ibv_transport_type}; 0 is InfiniBand's, which RoCE uses too.
 * @param firmware its version; may be empty.
 * @param nodeGuid in the byte order of this machine.
 * @param systemImageGuid in the byte order of this machine.
 * @param vendorId of the IEEE, 24 bits.
 * @param vendorPartId as the vendor counts.
 * @param hardwareVersion as the vendor counts.
 * @param portCount its physical ports.
 */
public record RdmaAttributes(
    int transport,
    String firmware,
    long nodeGuid,
    long systemImageGuid,
    int vendorId,
    int vendorPartId,
    int hardwareVersion,
    int portCount) {
  private static final int SCRATCH_BYTES = 4096;
  private static final int FIRMWARE_MAX = 64;

  /**
   * Asks an open device.
   *
   * @param context of the device.
   * @return its attributes; those of a device that does not answer are 0.
   */
  public static RdmaAttributes of(long context) {
    long device = RawMemory.getLong(context + at("ibv_context.device"));
    int transport = RawMemory.getInt(device + at("ibv_device.transport_type"));
    long scratch = RawMemory.map(SCRATCH_BYTES);
    if (Verbs.queryDevice(context, scratch) != 0) {
      RawMemory.zero(scratch, SCRATCH_BYTES);
    }
    RdmaAttributes attributes =
        new RdmaAttributes(
            transport,
            text(scratch + at("ibv_device_attr.fw_ver")),
            Long.reverseBytes(RawMemory.getLong(scratch + at("ibv_device_attr.node_guid"))),
            Long.reverseBytes(RawMemory.getLong(scratch + at("ibv_device_attr.sys_image_guid"))),
            RawMemory.getInt(scratch + at("ibv_device_attr.vendor_id")),
            RawMemory.getInt(scratch + at("ibv_device_attr.vendor_part_id")),
            RawMemory.getInt(scratch + at("ibv_device_attr.hw_ver")),
            RawMemory.getByte(scratch + at("ibv_device_attr.phys_port_cnt")) & 0xff);
    RawMemory.unmap(scratch, SCRATCH_BYTES);
    return attributes;
  }

  private static String text(long address) {
    byte[] bytes = new byte[FIRMWARE_MAX];
    int length = 0;
    while (length < FIRMWARE_MAX && RawMemory.getByte(address + length) != 0) {
      bytes[length] = RawMemory.getByte(address + length);
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.US_ASCII);
  }

  private static int at(String name) {
    return VerbsLayout.of(name);
  }
}
