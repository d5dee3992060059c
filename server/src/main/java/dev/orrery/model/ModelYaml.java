package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Place;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// A YAML file that comes with a model, as values that know where they stand. At most 1 MB, 20
/// levels, no aliases. (A project's own definitions have a part of their own, above this one.)
final class ModelYaml {
  private static final int BYTES_MAX = 1 << 20;
  private static final int DEPTH_MAX = 20;

  private final Path file;
  private final Fault fault;
  private final Node node;

  private ModelYaml(Path file, Fault fault, Node node) {
    this.file = file;
    this.fault = fault;
    this.node = node;
  }

  /// @param fault of the problems with what stands in it
  /// @throws Problem of kind INVALID, with its place, if it is not YAML or beyond the limits
  static ModelYaml read(String text, Path file, Fault fault) {
    var settings = LoadSettings.builder().setCodePointLimit(BYTES_MAX).build();
    try {
      int depth = 0;
      for (var event : new Parse(settings).parseString(text)) {
        if (event instanceof CollectionStartEvent) depth++;
        if (event instanceof CollectionEndEvent) depth--;
        if (depth > DEPTH_MAX || event instanceof AliasEvent) {
          throw new Problem(
                  fault,
                  depth > DEPTH_MAX ? "the file is nested too deep" : "an alias stands here",
                  "Write plain blocks and lists")
              .at(place(file, event.getStartMark().orElse(null)));
        }
      }
      Node top =
          new Compose(settings)
              .composeString(text)
              .orElseThrow(() -> new Problem(fault, "the file is empty", "Fill it"));
      return new ModelYaml(file, fault, top);
    } catch (MarkedYamlEngineException e) {
      throw new Problem(
              fault, "not YAML: %s".formatted(Texts.shown(e.getProblem())), "Mend the file")
          .at(place(file, e.getProblemMark().orElse(null)))
          .because(e);
    } catch (YamlEngineException e) {
      throw new Problem(
              fault,
              "not YAML: %s".formatted(Texts.shown(String.valueOf(e.getMessage()))),
              "Mend the file")
          .because(e);
    }
  }

  /// The values of a block by their keys, in their order.
  SequencedMap<String, ModelYaml> map() {
    if (!(node instanceof MappingNode block)) throw bad("a block of keys belongs here");
    var map = new LinkedHashMap<String, ModelYaml>();
    for (NodeTuple tuple : block.getValue()) {
      var key = new ModelYaml(file, fault, tuple.getKeyNode());
      if (map.put(key.text(), new ModelYaml(file, fault, tuple.getValueNode())) != null) {
        throw key.bad("the key '%s' stands twice in its block".formatted(key.text()));
      }
    }
    return map;
  }

  List<ModelYaml> list() {
    if (!(node instanceof SequenceNode list)) throw bad("a list belongs here");
    var items = new ArrayList<ModelYaml>();
    for (Node item : list.getValue()) items.add(new ModelYaml(file, fault, item));
    return items;
  }

  @Nullable ModelYaml find(String key) {
    return node instanceof MappingNode ? map().get(key) : null;
  }

  String text() {
    if (!(node instanceof ScalarNode scalar)) throw bad("a single value belongs here");
    return scalar.getValue();
  }

  double number() {
    try {
      double number = Double.parseDouble(text());
      if (Double.isFinite(number)) return number;
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw bad("'%s' is not a number".formatted(Texts.shown(text())));
  }

  /// @throws Problem if the block has a key that is not one of these
  void knownKeys(String... known) {
    if (!(node instanceof MappingNode block)) throw bad("a block of keys belongs here");
    for (NodeTuple tuple : block.getValue()) {
      var key = new ModelYaml(file, fault, tuple.getKeyNode());
      if (!List.of(known).contains(key.text())) {
        throw new Problem(
                fault,
                "unknown key '%s'".formatted(Texts.shown(key.text())),
                Texts.didYouMean(key.text(), List.of(known)))
            .at(key.place());
      }
    }
  }

  Place place() {
    return place(file, node.getStartMark().orElse(null));
  }

  Problem bad(String what) {
    return new Problem(fault, what, "Mend the line").at(place());
  }

  private static Place place(Path file, @Nullable Mark mark) {
    return mark == null
        ? new Place(file, 1, 1, 1)
        : new Place(file, mark.getLine() + 1, mark.getColumn() + 1, 1);
  }
}
