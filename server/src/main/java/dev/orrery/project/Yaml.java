package dev.orrery.project;

import dev.orrery.base.Fault;
import dev.orrery.base.Place;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// One YAML 1.2 document as nodes: built from the parser's events, so that the limits hold before
/// anything grows.
final class Yaml {
  static final int DEPTH_MAX = 50;
  static final int NODES_MAX = 100_000;

  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern FLAG = Pattern.compile("true|True|TRUE|false|False|FALSE");
  private static final Pattern NOTHING = Pattern.compile("~|null|Null|NULL|");

  private final Source source;
  private final Iterator<Event> events;
  private final Map<Anchor, Node> anchors = new HashMap<>();
  private final Map<Node, Integer> sizes = new HashMap<>();
  private int nodes;

  private Yaml(Source source) {
    this.source = source;
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(source.file().toString())
            .setCodePointLimit(Source.BYTES_MAX)
            .build();
    this.events = new Parse(settings).parseString(source.text()).iterator();
  }

  /// The one document of a source; an empty source is an empty value.
  ///
  /// @throws Problem of kind INVALID, with its place, if it is not YAML or beyond the limits
  static Node read(Source source) {
    try {
      return new Yaml(source).document();
    } catch (MarkedYamlEngineException e) {
      throw syntax(source, e);
    } catch (ReaderException e) {
      throw new Problem(
              Fault.YAML_SYNTAX,
              "a character that YAML does not allow (U+%04X)".formatted(e.getCodePoint()),
              "Remove it")
          .at(source.place(e.getPosition()))
          .because(e);
    } catch (YamlEngineException e) {
      throw new Problem(
              Fault.YAML_SYNTAX,
              "not YAML: %s".formatted(Texts.shown(String.valueOf(e.getMessage()))),
              "Mend the file")
          .at(new Place(source.file(), 1, 1, 1))
          .because(e);
    }
  }

  private Node document() {
    Node top = Node.scalar(Node.Kind.NOTHING, "", new Place(source.file(), 1, 1, 1), "");
    int documents = 0;
    while (events.hasNext()) {
      Event event = events.next();
      switch (event.getEventId()) {
        case DocumentStart -> {
          if (++documents > 1) {
            throw new Problem(
                    Fault.YAML_SYNTAX,
                    "a second document begins here",
                    "Keep one document in a file: remove the line '---'")
                .at(place(event));
          }
        }
        case Scalar, MappingStart, SequenceStart, Alias -> top = node(event, 1);
        case StreamStart, StreamEnd, DocumentEnd, Comment, MappingEnd, SequenceEnd -> {}
      }
    }
    return top;
  }

  private Node node(Event event, int depth) {
    if (depth > DEPTH_MAX) throw limit("deeper than %d levels".formatted(DEPTH_MAX), event);
    int before = nodes;
    if (++nodes > NODES_MAX) throw limit("more than %d values".formatted(NODES_MAX), event);
    Node node =
        switch (event) {
          case AliasEvent alias -> alias(alias);
          case ScalarEvent scalar -> scalar(scalar);
          case SequenceStartEvent start -> sequence(start, depth);
          case MappingStartEvent start -> mapping(start, depth);
          default -> throw new IllegalStateException("unexpected " + event);
        };
    if (event instanceof NodeEvent anchored && !(event instanceof AliasEvent)) {
      anchored.getAnchor().ifPresent(anchor -> anchors.put(anchor, node));
      sizes.put(node, nodes - before);
    }
    return node;
  }

  /// An alias counts as all that it stands for, so that aliases of aliases cannot explode.
  private Node alias(AliasEvent alias) {
    Node node = anchors.get(alias.getAlias());
    if (node == null) {
      throw new Problem(
              Fault.YAML_SYNTAX,
              "the alias *%s stands for nothing before it"
                  .formatted(Texts.shown(alias.getAlias().getValue())),
              "Write the value itself")
          .at(place(alias));
    }
    nodes += sizes.getOrDefault(node, 1);
    if (nodes > NODES_MAX) throw limit("more than %d values".formatted(NODES_MAX), alias);
    return node;
  }

  private Node scalar(ScalarEvent scalar) {
    refuseTag(scalar.getTag(), scalar);
    String value = scalar.getValue();
    Node.Kind kind = Node.Kind.TEXT;
    if (scalar.isPlain()) {
      if (NUMBER.matcher(value).matches()) kind = Node.Kind.NUMBER;
      else if (FLAG.matcher(value).matches()) kind = Node.Kind.FLAG;
      else if (NOTHING.matcher(value).matches()) kind = Node.Kind.NOTHING;
      else if (source.isPython() && value.equals("None")) kind = Node.Kind.NOTHING;
    }
    return Node.scalar(kind, "", place(scalar), value);
  }

  private Node sequence(SequenceStartEvent start, int depth) {
    refuseTag(start.getTag(), start);
    List<Node> items = new ArrayList<>();
    for (Event next = events.next();
        next.getEventId() != Event.ID.SequenceEnd;
        next = events.next()) {
      items.add(node(next, depth + 1));
    }
    return Node.list("", place(start), items);
  }

  private Node mapping(MappingStartEvent start, int depth) {
    refuseTag(start.getTag(), start);
    SequencedMap<String, Node.Entry> entries = new LinkedHashMap<>();
    for (Event next = events.next();
        next.getEventId() != Event.ID.MappingEnd;
        next = events.next()) {
      String key = key(next);
      Node.Entry first = entries.get(key);
      if (first != null) {
        throw new Problem(
                Fault.DUPLICATE_KEY,
                "the key '%s' stands here twice, first in line %d"
                    .formatted(Texts.shown(key), first.place().line()),
                "Remove one of them")
            .at(place(next));
      }
      entries.put(key, new Node.Entry(place(next), node(events.next(), depth + 1)));
    }
    return Node.block("", place(start), entries);
  }

  private String key(Event event) {
    if (event instanceof ScalarEvent scalar) {
      refuseTag(scalar.getTag(), scalar);
      return scalar.getValue();
    }
    throw new Problem(Fault.YAML_SYNTAX, "a key is a list or a block", "Write a word as the key")
        .at(place(event));
  }

  private void refuseTag(Optional<String> tag, Event event) {
    if (tag.isEmpty()) return;
    throw new Problem(
            Fault.YAML_SYNTAX,
            "the tag %s is not used in definitions".formatted(Texts.shown(tag.get())),
            "Remove it; to include a file, write its path")
        .at(place(event));
  }

  private Problem limit(String what, Event event) {
    return new Problem(
            Fault.DEFINITION_TOO_LARGE,
            "%s is %s".formatted(source.file(), what),
            "Simplify it; a definition is written by hand")
        .at(place(event));
  }

  private Place place(Event event) {
    Optional<Mark> start = event.getStartMark();
    if (start.isEmpty()) return new Place(source.file(), 1, 1, 1);
    int length = 1;
    Optional<Mark> end = event.getEndMark();
    if (event instanceof ScalarEvent && end.isPresent()) {
      boolean isOneLine = end.get().getLine() == start.get().getLine();
      length = isOneLine ? end.get().getColumn() - start.get().getColumn() : 1;
    }
    return place(source, start.get(), length);
  }

  private static Place place(Source source, Mark mark, int length) {
    return new Place(source.file(), mark.getLine() + 1, mark.getColumn() + 1, length);
  }

  private static Problem syntax(Source source, MarkedYamlEngineException e) {
    String what = String.valueOf(e.getProblem()).replaceAll("\\s+", " ").strip();
    boolean isTab = what.contains("TAB");
    Mark mark = e.getProblemMark().or(e::getContextMark).orElse(null);
    Place place = mark == null ? new Place(source.file(), 1, 1, 1) : place(source, mark, 1);
    return new Problem(
            Fault.YAML_SYNTAX,
            isTab ? "a tab stands where spaces belong" : "not YAML: " + Texts.shown(what),
            isTab ? "Indent with spaces" : "Mend the YAML here or just above")
        .at(place)
        .because(e);
  }
}
