package io.splitkernel.protocol.files;

/** Takes entries of a directory. */
@FunctionalInterface
public interface DirectorySink {
  /**
   * Offers one.
   *
   * @param name of it.
   * @param id of it, or 0 where the volume does not know without asking the file.
   * @param type of it, as the type bits of {@link FileAttributes#mode}; 0 when unknown.
   * @param cookie that continues behind it, not 0.
   * @return whether it was taken; false ends the call.
   */
  boolean entry(String name, long id, int type, long cookie);
}
