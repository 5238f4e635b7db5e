package io.splitkernel.launcher.files;

import io.splitkernel.ffi.Errno;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.protocol.files.FileAttributes;
import io.splitkernel.protocol.files.Volume;
import io.splitkernel.protocol.files.client.RemoteVolume;
import io.splitkernel.protocol.files.client.TransferBuffer;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;

/** A file of a volume. */
final class VolumeEnd implements CopyEnd {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final RemoteVolume volume;
  private final VolumePath path;
  private final VolumePath temporary;
  private final long id;
  private final boolean syncs;
  private final WriteOutSteps steps = new WriteOutSteps();
  private boolean committed;

  private VolumeEnd(
      RemoteVolume volume, VolumePath path, VolumePath temporary, long id, boolean syncs) {
    this.volume = volume;
    this.path = path;
    this.temporary = temporary;
    this.id = id;
    this.syncs = syncs;
  }

  static VolumeEnd source(VolumeFile file) throws LegoFailure {
    if (!file.existing().attributes().is(FileAttributes.REGULAR)) {
      throw new LegoFailure(LegoFailure.FAILURE, file.at() + ": not a regular file");
    }
    return new VolumeEnd(file.volume(), file.at(), null, file.attributes().id, false);
  }

  /** A file that is to be there, and on the device when it {@code syncs}, at the commit. */
  static VolumeEnd target(VolumeFile file, int mode, Owner owner, boolean syncs)
      throws LegoFailure {
    VolumePath path = file.at();
    long id = RANDOM.nextLong() | 1;
    String parent = path.path().substring(0, path.path().lastIndexOf('/') + 1);
    String unique = Long.toHexString(id);
    VolumePath temporary = new VolumePath(path.volume(), parent + ".lego-" + unique);
    FileAttributes made = new FileAttributes();
    int flags = Volume.CREATE_EXCLUSIVE;
    VolumeFile.check(
        file.volume().create(temporary.path(), id, flags, mode, owner.uid(), owner.gid(), made),
        path);
    return new VolumeEnd(file.volume(), path, temporary, id, syncs);
  }

  private String place() {
    return (temporary == null ? path : temporary).path();
  }

  @Override
  public TransferBuffer lease() throws LegoFailure {
    TransferBuffer buffer = volume.lease();
    if (buffer == null) {
      throw new LegoFailure(LegoFailure.FAILURE, path + ": no buffer became free in time");
    }
    return buffer;
  }

  @Override
  public int read(long offset, MemorySegment into) throws LegoFailure {
    int count = volume.read(place(), id, offset, into);
    VolumeFile.check(count, path);
    return count;
  }

  @Override
  public void write(long offset, MemorySegment from) throws LegoFailure {
    long done = 0;
    while (done < from.byteSize()) {
      int count = volume.write(place(), id, offset + done, from.asSlice(done));
      VolumeFile.check(count == 0 ? -Errno.EIO : count, path);
      done += count;
    }
    if (syncs && steps.completedBy(done)) {
      volume.startWriteOut(place(), id); // a hint: what fails is told by the sync
    }
  }

  @Override
  public void commit() throws LegoFailure {
    if (syncs) {
      VolumeFile.check(volume.sync(temporary.path(), id, false), path);
    }
    VolumeFile.check(volume.rename(temporary.path(), id, path.path(), 0, false), path);
    committed = true;
    if (syncs) {
      syncName(volume, path);
    }
  }

  /** Returns when the device has what a path leads to under that name. */
  static void syncName(RemoteVolume volume, VolumePath path) throws LegoFailure {
    String directory = path.path().substring(0, Math.max(1, path.path().lastIndexOf('/')));
    VolumeFile.check(volume.sync(directory, 0, false), path);
  }

  @Override
  public void close() {
    if (temporary != null && !committed) {
      volume.unlink(temporary.path(), id, false);
    }
  }
}
