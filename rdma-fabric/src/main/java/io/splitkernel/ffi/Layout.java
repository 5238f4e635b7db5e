package io.splitkernel.ffi;

/**
 * Sizes, offsets and numbers as the C compiler saw them in the headers of the machine that built
 * the jar. Nothing of that kind is typed in on the Java side. Control path: read into constants.
 */
public final class Layout {
  private static final LayoutTable TABLE = new LayoutTable("layout.properties");

  private Layout() {}

  /**
   * One figure.
   *
   * @param name as in {@code lego_layout.c}: {@code LEGO_BLOB_BYTES}, {@code sizeof(lego_lane)} or
   *     {@code lego_lane.done}.
   * @return its value.
   * @throws IllegalArgumentException when the table has no such line.
   */
  public static long of(String name) {
    return TABLE.of(name);
  }
}
