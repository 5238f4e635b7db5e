package io.splitkernel.launcher.cluster;

import io.splitkernel.fabric.Fabric;
import io.splitkernel.fabric.FabricAddress;
import io.splitkernel.launcher.LegoFailure;
import io.splitkernel.launcher.settings.Setting;
import io.splitkernel.launcher.settings.Settings;
import io.splitkernel.launcher.settings.Size;
import io.splitkernel.protocol.Secret;
import io.splitkernel.protocol.cluster.MonitorClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A cluster of this user on this machine, one process per component. */
public final class LocalCluster {
  private static final long END_PATIENCE_MS = 5_000;

  private static final long MONITOR_TIMEOUT_NS = 3_000_000_000L;

  private final Settings settings;
  private final StateDirectory state;
  private final List<ProcessIdentity> identities = new ArrayList<>();
  private final List<ComponentProcess> started = new ArrayList<>();

  /**
   * @param settings with the state directory.
   */
  public LocalCluster(Settings settings) {
    this.settings = settings;
    this.state = StateDirectory.of(settings);
  }

  /**
   * Starts a monitor, memory and storage components, and waits until all have joined.
   *
   * @param memoryComponents how many, at least 1.
   * @param memoryBytes that each lends.
   * @param storageComponents how many, at least 0.
   * @return HOST:PORT of the monitor.
   * @throws LegoFailure when a cluster is up already, or a component did not come up; nothing is
   *     left then.
   */
  public String up(int memoryComponents, long memoryBytes, int storageComponents)
      throws LegoFailure {
    List<ProcessIdentity> alive = state.alive();
    if (!alive.isEmpty()) {
      throw new LegoFailure(
          LegoFailure.FAILURE,
          "a cluster is up already (monitor "
              + state.monitor().orElse("starting")
              + ", "
              + alive.size()
              + " processes); 'lego down' stops it");
    }
    state.create();
    state.remove();
    state.create();
    boolean complete = false;
    try {
      String monitor = start(memoryComponents, memoryBytes, storageComponents);
      complete = true;
      return monitor;
    } finally {
      if (!complete) {
        started.forEach(ComponentProcess::stop);
        state.remove();
      }
    }
  }

  private String start(int memoryComponents, long memoryBytes, int storageComponents)
      throws LegoFailure {
    long readyMs = settings.startGraceNs() / 1_000_000;
    state.writeSecret(ClusterSecret.fresh());
    String secretFile = state.secretFile().orElseThrow().toString();
    String monitor =
        launch("monitor", command("monitor", "--detached", "--secret-file", secretFile))
            .awaitReady(readyMs)
            .replaceFirst("^monitor ", "");
    List<ComponentProcess> parts = new ArrayList<>();
    for (int i = 1; i <= memoryComponents; i++) {
      String name = "mcomponent-" + i;
      parts.add(
          launch(
              name,
              command(
                  "mcomponent",
                  "--detached",
                  "--name",
                  name,
                  "--monitor",
                  monitor,
                  "--memory",
                  Size.text(memoryBytes),
                  "--secret-file",
                  secretFile)));
    }
    for (int i = 1; i <= storageComponents; i++) {
      parts.add(launchStorage("scomponent-" + i, monitor, secretFile));
    }
    for (ComponentProcess part : parts) {
      part.awaitReady(readyMs);
    }
    state.writeMonitor(monitor);
    return monitor;
  }

  private ComponentProcess launchStorage(String name, String monitor, String secretFile)
      throws LegoFailure {
    Path store = Path.of(settings.get(Setting.STORE).value()).toAbsolutePath().resolve(name);
    return launch(
        name,
        command(
            "scomponent",
            "--detached",
            "--name",
            name,
            "--monitor",
            monitor,
            "--store",
            store.toString(),
            "--secret-file",
            secretFile));
  }

  private List<String> command(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(Fabrics.arguments(settings));
    return all;
  }

  private ComponentProcess launch(String name, List<String> arguments) throws LegoFailure {
    ComponentProcess component = ComponentProcess.start(name, arguments, null, state.log(name));
    started.add(component);
    try {
      identities.add(ProcessIdentity.of(name, component.handle().pid()));
    } catch (IOException e) {
      throw new LegoFailure(
          LegoFailure.FAILURE, name + " ended at once: " + component.lastWords(), e);
    }
    state.writeComponents(identities);
    return component;
  }

  /**
   * Stops what {@link #up} has started and removes its state, whatever is left of it.
   *
   * @return how many processes were still there.
   * @throws LegoFailure when a process does not end, or the state cannot be removed.
   */
  public int down() throws LegoFailure {
    List<ProcessIdentity> alive = state.alive();
    if (!alive.isEmpty() && !askToEnd()) {
      for (ProcessIdentity component : alive.reversed()) {
        component.find().ifPresent(ProcessHandle::destroy);
      }
    }
    for (ProcessIdentity component : alive) {
      Optional<ProcessHandle> process = component.find();
      process.ifPresent(p -> {
        if (!ProcessIdentity.ended(p, END_PATIENCE_MS)) {
          ProcessIdentity.end(p, END_PATIENCE_MS);
        }
      });
      if (component.find().isPresent()) {
        throw new LegoFailure(
            LegoFailure.FAILURE,
            component.name() + " (process " + component.pid() + ") does not end, even killed");
      }
    }
    state.remove();
    return alive.size();
  }

  /** Through the monitor, so that programs which run on the cluster end as well, with a reason. */
  private boolean askToEnd() {
    Optional<String> monitor = state.monitor();
    if (monitor.isEmpty()) {
      return false;
    }
    try (Fabric open = Fabrics.open(settings);
        MonitorClient client =
            MonitorClient.connect(
                open,
                FabricAddress.parse(monitor.get()),
                Secret.load(state.secretFile().orElse(null), null),
                MONITOR_TIMEOUT_NS)) {
      return client.shutdownCluster() == null;
    } catch (LegoFailure | IOException | IllegalArgumentException e) {
      return false; // whatever does not listen any more is ended by its process id
    }
  }
}
