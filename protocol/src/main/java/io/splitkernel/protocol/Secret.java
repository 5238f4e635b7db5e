package io.splitkernel.protocol;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The cluster's shared secret. It never prints itself. Thread-safe. */
public final class Secret {
  /** Environment variable that carries the secret. */
  public static final String ENVIRONMENT = "LEGO_SECRET";

  /** Shortest secret in bytes. */
  public static final int BYTES_MIN = 8;

  /** Longest secret in bytes. */
  public static final int BYTES_MAX = 4096;

  /** Length of a {@link #mac} in bytes. */
  public static final int MAC_BYTES = 32;

  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  private Secret(byte[] bytes) {
    if (bytes.length < BYTES_MIN || bytes.length > BYTES_MAX) {
      throw new IllegalArgumentException(
          "the secret has "
              + bytes.length
              + " bytes; it must have "
              + BYTES_MIN
              + " to "
              + BYTES_MAX);
    }
    this.key = new SecretKeySpec(bytes, ALGORITHM);
  }

  /**
   * From text, without surrounding white space.
   *
   * @param text {@value #BYTES_MIN} to {@value #BYTES_MAX} bytes of UTF-8.
   * @return the secret.
   */
  public static Secret of(String text) {
    return new Secret(text.strip().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * From the first place that has one: the file, then the environment.
   *
   * @param file with the secret as text, or null.
   * @param environmentValue of {@link #ENVIRONMENT}, or null.
   * @return the secret, or null when neither place has one.
   * @throws IOException when the file cannot be read.
   */
  public static Secret load(Path file, String environmentValue) throws IOException {
    if (file != null) {
      if (Files.size(file) > BYTES_MAX) {
        throw new IOException(file + " has more than " + BYTES_MAX + " bytes: not a secret");
      }
      return of(Files.readString(file));
    }
    return environmentValue == null || environmentValue.isBlank() ? null : of(environmentValue);
  }

  /**
   * A fresh one of 256 bits, for a cluster within one process tree.
   *
   * @param random source.
   * @return the secret.
   */
  public static Secret random(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return new Secret(bytes);
  }

  /**
   * HMAC-SHA-256 over a label and parts of fixed order; every part is preceded by its length.
   *
   * @param label what the code is for, so that one cannot be passed off as another.
   * @param parts bytes.
   * @return {@value #MAC_BYTES} bytes.
   */
  public byte[] mac(String label, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      update(mac, label.getBytes(StandardCharsets.UTF_8));
      for (byte[] part : parts) {
        update(mac, part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has no " + ALGORITHM, e);
    }
  }

  private static void update(Mac mac, byte[] part) {
    int length = part.length;
    mac.update((byte) length);
    mac.update((byte) (length >>> 8));
    mac.update((byte) (length >>> 16));
    mac.update((byte) (length >>> 24));
    mac.update(part);
  }

  @Override
  public String toString() {
    return "Secret[hidden]";
  }
}
