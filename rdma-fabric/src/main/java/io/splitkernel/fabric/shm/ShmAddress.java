package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.UnreachableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Addresses on one machine: the port names an abstract socket of this network namespace. */
final class ShmAddress {
  private ShmAddress() {}

  static String socketName(int port) {
    return "lego-shm-" + port;
  }

  static void checkLocal(FabricAddress address) throws FabricException {
    if (!isLocal(address.host())) {
      throw new UnreachableException(
          "'"
              + address.host()
              + "' is not this machine: the shm fabric reaches localhost only; use verbs");
    }
  }

  private static boolean isLocal(String host) {
    if (host.equalsIgnoreCase("localhost")) {
      return true;
    }
    try {
      InetAddress literal = InetAddress.ofLiteral(host);
      return literal.isLoopbackAddress()
          || literal.isAnyLocalAddress()
          || NetworkInterface.getByInetAddress(literal) != null;
    } catch (IllegalArgumentException | SocketException notAnAddress) {
      return host.toLowerCase(Locale.ROOT).equals(hostName());
    }
  }

  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname"))
          .strip()
          .toLowerCase(Locale.ROOT);
    } catch (IOException e) {
      return "localhost";
    }
  }
}
