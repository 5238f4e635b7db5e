package io.splitkernel.launcher.command;

import picocli.CommandLine.IVersionProvider;

/** The version of the distribution. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {
      "lego " + (version == null ? "(not packaged)" : version),
      "Java " + Runtime.version() + ", Linux " + System.getProperty("os.version")
    };
  }
}
