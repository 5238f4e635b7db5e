package io.splitkernel.fabric.both;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/** Which hosts are this machine. Any thread; a name that is no address is looked up. */
final class ThisMachine {
  private ThisMachine() {}

  /** Whether a host is a loopback, wildcard or own interface's address, or a name of one. */
  static boolean is(String host) {
    try {
      InetAddress address = InetAddress.getByName(host);
      return address.isLoopbackAddress()
          || address.isAnyLocalAddress()
          || NetworkInterface.getByInetAddress(address) != null;
    } catch (UnknownHostException | SocketException e) {
      return false;
    }
  }
}
