package io.splitkernel.jmh.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The file in which a {@link Fork} hands over what it measured: an entry for each comparison. */
final class Part {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Part() {}

  static void write(Path file, List<Comparison> comparisons) throws IOException {
    ArrayNode array = JSON.createArrayNode();
    for (Comparison each : comparisons) {
      ObjectNode node = array.addObject();
      for (Samples samples : each.sides()) {
        samples.write(node.putObject(samples.name()));
      }
    }
    JSON.writeValue(file.toFile(), array);
  }

  /**
   * Adds what a fork has written.
   *
   * @param comparisons those that the fork measured, in its order.
   */
  static void read(Path file, List<Comparison> comparisons) throws IOException {
    JsonNode array = JSON.readTree(file.toFile());
    if (array.size() != comparisons.size()) {
      throw new IOException(file + " has " + array.size() + " comparisons");
    }
    for (int i = 0; i < comparisons.size(); i++) {
      for (Samples samples : comparisons.get(i).sides()) {
        samples.read(array.get(i).path(samples.name()));
      }
    }
  }
}
