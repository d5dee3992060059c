package dev.orrery.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.project.Node;
import dev.orrery.project.Project;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What shapes a version's answers besides its package: how its data is read, its features, and the
/// `serve` block, as they stood when it was deployed. Its text is kept in the store under its
/// digest, so that a rollback needs no file.
///
/// @param data the `data` block, with one dataset
/// @param features the `features` block
/// @param serve the `serve` block, the files that it names read into it
public record Blueprint(Node data, Node features, Node serve) {
  /// Where what is wrong in a stored one is said to stand.
  private static final Path STORED = Path.of("what-was-deployed");

  public static Blueprint of(Project project) {
    return new Blueprint(project.data(), project.features(), project.serve());
  }

  /// Reads what [#text] wrote; a block that is not there is empty.
  static Blueprint read(String text) {
    JsonNode json = Json.tree(text.getBytes(StandardCharsets.UTF_8));
    return new Blueprint(block(json, "data"), block(json, "features"), block(json, "serve"));
  }

  private static Node block(JsonNode json, String key) {
    return Node.of(key, STORED, json.has(key) ? json.get(key) : Json.MAPPER.createObjectNode());
  }

  String text() {
    return Json.text(json());
  }

  private ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("data", data.json());
    json.set("features", features.json());
    json.set("serve", serve.json());
    return json;
  }

  Digest digest() {
    return Digest.of(text());
  }

  /// @throws Problem of kind INVALID if there is none
  public Dataset dataset() {
    return DatasetBlock.read(data).values().stream()
        .findFirst()
        .orElseThrow(() ->
            data.problem(
                Fault.BAD_DATASET, "the project declares no dataset", "Declare one under 'data'"));
  }

  /// The `serve` block, as of an endpoint of this name.
  ServeBlock serving(String endpoint) {
    return ServeBlock.read(serve, endpoint).at(endpoint);
  }

  /// The same data and features, served otherwise.
  Blueprint served(Blueprint as) {
    return new Blueprint(data, features, as.serve());
  }

  /// What features depend on: all but where the data lies, what rows may hold, and how it is
  /// served.
  JsonNode definition() {
    ObjectNode json = json();
    json.remove("serve");
    json.path("data")
        .forEach(dataset -> {
          if (dataset instanceof ObjectNode block) block.remove(List.of("path", "contract"));
        });
    return json;
  }

  /// Whether rows get the same features by another one.
  public boolean computesAs(Blueprint other) {
    return definition().equals(other.definition());
  }

  /// The blocks in which another one differs.
  List<String> differences(Blueprint other) {
    JsonNode mine = json();
    JsonNode theirs = other.json();
    var blocks = new ArrayList<String>();
    mine.fieldNames().forEachRemaining(blocks::add);
    blocks.removeIf(block -> mine.get(block).equals(theirs.get(block)));
    return blocks;
  }
}
