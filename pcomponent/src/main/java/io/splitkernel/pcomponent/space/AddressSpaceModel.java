package io.splitkernel.pcomponent.space;

/** The mappings of one address space. Thread-safe. */
public final class AddressSpaceModel {
  /** A copy for a forked child. */
  public AddressSpaceModel copy() {
    return new AddressSpaceModel();
  }
}
