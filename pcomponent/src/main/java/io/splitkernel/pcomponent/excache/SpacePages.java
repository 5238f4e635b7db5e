package io.splitkernel.pcomponent.excache;

/** The pages of one address space: its number, its table, and what is under way. Pager thread. */
public final class SpacePages {
  private final int number;
  private final PageTable table;
  private int evicting;
  private int reading;
  private int writing;
  private long inUse;

  /**
   * @param number of the space, positive.
   * @param table empty, owned from now on.
   */
  public SpacePages(int number, PageTable table) {
    this.number = number;
    this.table = table;
  }

  /** Number of the space. */
  public int number() {
    return number;
  }

  /** Its page table; change entries through {@link ExCache} only. */
  public PageTable table() {
    return table;
  }

  /** Pages with the evictor. */
  public int evicting() {
    return evicting;
  }

  /** READs under way for its faults. */
  public int reading() {
    return reading;
  }

  /** WRITEs under way to its slots. */
  public int writing() {
    return writing;
  }

  /** Pages that are not empty. */
  public long inUse() {
    return inUse;
  }

  /** Counts evictions. */
  public void addEvicting(int delta) {
    evicting += delta;
    assert evicting >= 0;
  }

  /** Counts READs. */
  public void addReading(int delta) {
    reading += delta;
    assert reading >= 0;
  }

  /** Counts WRITEs. */
  public void addWriting(int delta) {
    writing += delta;
    assert writing >= 0;
  }

  void addInUse(int delta) {
    inUse += delta;
  }
}
