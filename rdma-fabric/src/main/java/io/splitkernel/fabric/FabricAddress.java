package io.splitkernel.fabric;

/**
 * Where a component listens: a host name or IP address, and a port in 0..65535 (0 lets {@link
 * Fabric#listen} choose). On one machine the {@code shm} provider uses the port alone.
 *
 * @param host name or address, never empty.
 * @param port service port.
 */
public record FabricAddress(String host, int port) {
  /** Validates both parts. */
  public FabricAddress {
    if (host == null || host.isBlank()) {
      throw new IllegalArgumentException("host must not be empty");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not in 0..65535");
    }
  }

  /**
   * Parses {@code HOST:PORT}; an IPv6 host stands in brackets.
   *
   * @param text as given on a command line.
   * @return the address.
   * @throws IllegalArgumentException with a one-line reason that names the text.
   */
  public static FabricAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0 || colon == text.length() - 1) {
      throw new IllegalArgumentException("'" + text + "' is not HOST:PORT");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      return new FabricAddress(host, Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' has no numeric port", e);
    }
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
