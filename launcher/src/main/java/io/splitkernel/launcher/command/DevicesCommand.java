package io.splitkernel.launcher.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.splitkernel.fabric.FabricException;
import io.splitkernel.fabric.verbs.VerbsDevice;
import io.splitkernel.launcher.devices.DeviceDocument;
import io.splitkernel.launcher.devices.DeviceListing;
import io.splitkernel.launcher.logging.Logging;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lego devices}. */
@Command(
    name = "devices",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Lists the RDMA devices of this machine in the layout of ibv_devinfo, with their GIDs.",
      "Lego adds to each port: netdev, the network interface of a GID; chosen_gid, the GID that",
      "connections take (--gid-index takes another); lego, whether it can be used, else why not."
    },
    footer = {
      "",
      "Examples:",
      "  lego devices",
      "  lego devices --json | jq '.devices[] | .name, .usable'"
    })
final class DevicesCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws JsonProcessingException {
    Logging.silent();
    List<VerbsDevice> devices;
    String none;
    try {
      devices = VerbsDevice.all();
      none = devices.isEmpty() ? VerbsDevice.noneUsable("") : "";
    } catch (FabricException e) {
      devices = List.of();
      none = e.getMessage();
    }
    if (json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put(
          "devices",
          devices.stream().map(each -> DeviceDocument.of(each, DevicesCommand::netdev)).toList());
      document.put("obstacle", none);
      System.out.println(
          new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(document));
      return 0;
    }
    if (!none.isEmpty()) {
      System.out.println(none);
    }
    devices.forEach(each -> System.out.print(DeviceListing.of(each, DevicesCommand::netdev)));
    return 0;
  }

  private static String netdev(int index) {
    try {
      NetworkInterface found = index == 0 ? null : NetworkInterface.getByIndex(index);
      return found == null ? "" : found.getName();
    } catch (SocketException e) {
      return ""; // it has gone meanwhile
    }
  }
}
