package io.splitkernel.protocol.files;

/** Attributes of a file, filled in by a {@link Volume}. Mutable, reusable; one thread. */
public final class FileAttributes {
  /** Type bits of {@link #mode}, and the types. */
  public static final int TYPE_MASK = 0xf000;

  public static final int FIFO = 0x1000;
  public static final int CHARACTER_DEVICE = 0x2000;
  public static final int DIRECTORY = 0x4000;
  public static final int BLOCK_DEVICE = 0x6000;
  public static final int REGULAR = 0x8000;
  public static final int SYMLINK = 0xa000;
  public static final int SOCKET = 0xc000;

  /** See {@link Volume}; of a symbolic link any number that other files do not have. */
  public long id;

  /** Type and permissions, as st_mode. */
  public int mode;

  public int links;
  public int uid;
  public int gid;

  /** Device number of a device file. */
  public long device;

  /** Length in bytes. */
  public long sizeBytes;

  /** Space that it takes, bytes. */
  public long allocatedBytes;

  /** Times in nanoseconds since 1970. */
  public long accessedNs;

  public long modifiedNs;
  public long changedNs;

  /** Whether it is of a type. */
  public boolean is(int type) {
    return (mode & TYPE_MASK) == type;
  }

  /** Takes all values of another one. */
  public void copyFrom(FileAttributes other) {
    id = other.id;
    mode = other.mode;
    links = other.links;
    uid = other.uid;
    gid = other.gid;
    device = other.device;
    sizeBytes = other.sizeBytes;
    allocatedBytes = other.allocatedBytes;
    accessedNs = other.accessedNs;
    modifiedNs = other.modifiedNs;
    changedNs = other.changedNs;
  }
}
