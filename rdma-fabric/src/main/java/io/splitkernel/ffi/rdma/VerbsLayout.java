package io.splitkernel.ffi.rdma;

import io.splitkernel.ffi.LayoutTable;

/** The layout table of libibverbs and librdmacm; see {@code lego_verbs_layout.c}. */
public final class VerbsLayout {
  private static final LayoutTable TABLE = new LayoutTable("verbs-layout.properties");

  private VerbsLayout() {}

  /**
   * One figure.
   *
   * @param name {@code sizeof(ibv_wc)}, {@code ibv_wc.status} or {@code IBV_WC_SEND}.
   * @return its value.
   * @throws IllegalArgumentException when the table has no such line.
   */
  public static int of(String name) {
    return Math.toIntExact(TABLE.of(name));
  }
}
