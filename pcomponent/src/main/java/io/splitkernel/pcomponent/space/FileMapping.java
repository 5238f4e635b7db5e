package io.splitkernel.pcomponent.space;

/**
 * What of which file a range shows.
 *
 * @param path of the file as the program's descriptor names it, empty when it is not known.
 * @param offset in the file of the first byte of the range.
 * @param shared MAP_SHARED.
 */
public record FileMapping(String path, long offset, boolean shared) {
  FileMapping from(long skippedBytes) {
    return new FileMapping(path, offset + skippedBytes, shared);
  }
}
