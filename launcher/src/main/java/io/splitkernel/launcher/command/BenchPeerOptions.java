package io.splitkernel.launcher.command;

import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.launcher.LegoFailure;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Who the other side of a measurement is. */
final class BenchPeerOptions {
  /** perftest's, too. */
  static final int PORT = 18_515;

  /** On verbs the loopback address stands for the device's own. */
  private static final String OWN_HOST = "127.0.0.1";

  @Option(names = "--connect", paramLabel = "HOST:PORT", description = "The same as HOST:PORT.")
  private String connect;

  @Option(
      names = "--serve",
      description = "Be the target, until a signal; prints \"listening HOST:PORT\".")
  private boolean serve;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = {
        "Be the target there; port 0 takes a free one.",
        "Default of --serve: the device's own address, port " + PORT + "."
      })
  private String listen;

  @Option(names = "--tethered", hidden = true)
  private boolean tethered;

  /** Whether this process is the target. */
  boolean isTarget() {
    return serve || listen != null;
  }

  /** As the target that another process has started: ends with that one. */
  void tetherWhenAsked() throws LegoFailure {
    if (tethered) {
      Component.endWithStdin();
      Component.detach();
    }
  }

  /** Looks for contradictions, also to a HOST that may be null. */
  void check(String host) throws LegoFailure {
    String named = host != null ? "HOST" : "--connect";
    if (isTarget() && (host != null || connect != null)) {
      throw usage(
          (listen != null ? "--listen" : "--serve") + " and " + named + " exclude each other");
    }
    if (host != null && connect != null) {
      throw usage("HOST and --connect exclude each other");
    }
  }

  /** Where the target listens. */
  FabricAddress listenAddress() throws LegoFailure {
    return listen == null ? new FabricAddress(OWN_HOST, PORT) : parse("--listen", listen);
  }

  /** Where a target listens already; empty when one must be started, since HOST is null, too. */
  Optional<FabricAddress> target(String host) throws LegoFailure {
    if (connect != null) {
      return Optional.of(parse("--connect", connect));
    }
    return host == null ? Optional.empty() : Optional.of(withDefaultPort(host));
  }

  /** Also a bare name or address; one of IPv6 with or without brackets. */
  private static FabricAddress withDefaultPort(String text) throws LegoFailure {
    boolean bracketed = text.startsWith("[") && text.endsWith("]");
    boolean bare = text.indexOf(':') < 0 || (!text.startsWith("[") && colons(text) > 1);
    if (bracketed || bare) {
      return parse("HOST", bracketed ? text + ":" + PORT : "[" + text + "]:" + PORT);
    }
    return parse("HOST", text);
  }

  private static long colons(String text) {
    return text.chars().filter(each -> each == ':').count();
  }

  private static FabricAddress parse(String option, String text) throws LegoFailure {
    try {
      return FabricAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new LegoFailure(LegoFailure.USAGE, option + ": " + e.getMessage(), e);
    }
  }

  private static LegoFailure usage(String message) {
    return new LegoFailure(LegoFailure.USAGE, message);
  }
}
