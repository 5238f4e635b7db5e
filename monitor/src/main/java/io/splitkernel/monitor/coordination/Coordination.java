package io.splitkernel.monitor.coordination;

/** Shared state of all monitors of one cluster. Thread-safe; control path. */
public interface Coordination {
  /** No such entry, or no room for one. */
  long NONE = 0;

  /**
   * Draws a node id.
   *
   * @return an id that was never drawn before, 1 to 2^32-1.
   */
  long nextNodeId();

  /**
   * Where a vRegion lives.
   *
   * @param spaceId of its address space.
   * @param regionIndex of the vRegion in it.
   * @return node id of the memory component, or {@link #NONE}.
   */
  long ownerOf(long spaceId, long regionIndex);

  /**
   * Places a vRegion, unless somebody already has.
   *
   * @param spaceId of its address space.
   * @param regionIndex of the vRegion in it.
   * @param nodeId of the memory component.
   * @return node id of the component where it lives now, or {@link #NONE} when no more vRegions can
   *     be remembered.
   */
  long place(long spaceId, long regionIndex, long nodeId);

  /**
   * Takes back a placement that its memory component did not take.
   *
   * @param spaceId of its address space.
   * @param regionIndex of the vRegion in it.
   */
  void unplace(long spaceId, long regionIndex);

  /**
   * Forgets an address space.
   *
   * @param spaceId of the space.
   */
  void forgetSpace(long spaceId);

  /**
   * Forgets all address spaces of a processor component.
   *
   * @param nodeId of the processor component.
   */
  void forgetSpacesOf(long nodeId);

  /**
   * How many vRegions live at a memory component.
   *
   * @param nodeId of the memory component.
   * @return how many.
   */
  long regionsAt(long nodeId);

  /**
   * How many vRegions of an address space live at a memory component.
   *
   * @param nodeId of the memory component.
   * @param spaceId of the address space.
   * @return how many.
   */
  long regionsAt(long nodeId, long spaceId);

  /**
   * How many vRegions are placed.
   *
   * @return how many.
   */
  long regions();

  /**
   * Where epochs of volumes begin.
   *
   * @return a number that no earlier state of this cluster is likely to have reached; if one has,
   *     the volume's storage component says so.
   */
  long firstEpoch();

  /**
   * Who has a volume.
   *
   * @param volume name of its storage component and its own.
   * @return the entry, or null when there is none.
   */
  VolumeEntry volume(String volume);

  /**
   * Replaces an entry if it is still the one expected.
   *
   * @param volume as above.
   * @param expected entry, or null for none.
   * @param next entry.
   * @return false when it is another one, or no more volumes can be remembered.
   */
  boolean replaceVolume(String volume, VolumeEntry expected, VolumeEntry next);

  /**
   * How many volumes a memory component has.
   *
   * @param nodeId of the memory component.
   * @return how many.
   */
  long volumesAt(long nodeId);
}
