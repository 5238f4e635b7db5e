package io.splitkernel.launcher.devices;

import io.splitkernel.fabric.verbs.VerbsDevice;
import io.splitkernel.ffi.rdma.RdmaPort;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;

/** Values in the words of {@code ibv_devinfo}; enumerations in the order of infiniband/verbs.h. */
final class DeviceWords {
  private static final List<String> TRANSPORTS =
      List.of("InfiniBand", "iWARP", "usNIC", "usNIC UDP", "unspecified");
  private static final List<String> LINK_LAYERS = List.of("Unspecified", "InfiniBand", "Ethernet");

  /** From 1. */
  private static final List<String> STATES =
      List.of("PORT_DOWN", "PORT_INIT", "PORT_ARMED", "PORT_ACTIVE");

  private static final int GID_BYTES = 16;
  private static final int WORDS = 8;
  private static final int MAPPED_MARK = 0xffff;

  /** Six words lie before an IPv4 address, five of them zeros where one is mapped. */
  private static final int MAPPED_AT = 6;

  private DeviceWords() {}

  static String transport(int code) {
    return word(TRANSPORTS, code, "invalid transport");
  }

  static String state(int code) {
    return word(STATES, code - 1, "invalid state");
  }

  static String linkLayer(int code) {
    return word(LINK_LAYERS, code, "Unknown");
  }

  static String mtu(int code) {
    int bytes = RdmaPort.mtuBytes(code);
    return bytes == 0 ? "invalid MTU" : Integer.toString(bytes);
  }

  static String guid(long guid) {
    return String.format(
        Locale.ROOT,
        "%04x:%04x:%04x:%04x",
        guid >>> 48,
        (guid >>> 32) & 0xffff,
        (guid >>> 16) & 0xffff,
        guid & 0xffff);
  }

  /** The address, and how packets look on the wire where that can differ. */
  static String gid(RdmaPort port, RdmaPort.Gid gid) {
    boolean version2 = gid.type() == RdmaPort.GidType.ROCE_V2;
    int[] words = words(gid.address());
    String address = version2 ? compressed(words) : full(words);
    if (!port.isEthernet()) {
      return address;
    }
    return address + (version2 ? ", RoCE v2" : ", RoCE v1");
  }

  static String usability(VerbsDevice device, RdmaPort port) {
    String obstacle = device.obstacle(port);
    return obstacle.isEmpty() ? "usable" : "not usable: " + obstacle;
  }

  private static String word(List<String> words, int index, String other) {
    return index >= 0 && index < words.size() ? words.get(index) : other;
  }

  private static int[] words(InetAddress address) {
    byte[] bytes = address.getAddress();
    int[] words = new int[WORDS];
    if (bytes.length < GID_BYTES) {
      words[MAPPED_AT - 1] = MAPPED_MARK;
    }
    int first = WORDS - bytes.length / 2;
    for (int i = 0; i < bytes.length; i += 2) {
      words[first + i / 2] = ((bytes[i] & 0xff) << 8) | (bytes[i + 1] & 0xff);
    }
    return words;
  }

  private static String full(int[] words) {
    StringBuilder text = new StringBuilder();
    for (int word : words) {
      text.append(text.isEmpty() ? "" : ":").append(String.format(Locale.ROOT, "%04x", word));
    }
    return text.toString();
  }

  /** As inet_ntop(3) writes it: the longest run of zeros is left out, a mapped IPv4 is dotted. */
  private static String compressed(int[] words) {
    int from = 0;
    int zeros = 0;
    for (int i = 0; i < WORDS; i++) {
      int end = i;
      while (end < WORDS && words[end] == 0) {
        end++;
      }
      if (end - i > zeros && end - i > 1) {
        from = i;
        zeros = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < WORDS; i++) {
      if (zeros > 0 && i == from) {
        text.append("::");
        i += zeros - 1;
      } else if (i == MAPPED_AT && from == 0 && carriesIpv4(words, zeros)) {
        return text.append(separator(text)).append(dotted(words)).toString();
      } else {
        text.append(separator(text)).append(Integer.toHexString(words[i]));
      }
    }
    return text.toString();
  }

  private static String separator(StringBuilder text) {
    return text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":";
  }

  private static boolean carriesIpv4(int[] words, int zeros) {
    return zeros == MAPPED_AT || (zeros == MAPPED_AT - 1 && words[MAPPED_AT - 1] == MAPPED_MARK);
  }

  private static String dotted(int[] words) {
    int high = words[MAPPED_AT];
    int low = words[MAPPED_AT + 1];
    return (high >> 8) + "." + (high & 0xff) + "." + (low >> 8) + "." + (low & 0xff);
  }
}
