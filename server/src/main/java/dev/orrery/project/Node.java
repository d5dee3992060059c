package dev.orrery.project;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Place;
import dev.orrery.base.Problem;
import dev.orrery.base.Quantity;
import dev.orrery.base.Texts;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// A value in a definition, with the place where it stands and the path of keys that leads to it.
///
/// A reader asks it for what it needs ([#get], [#text], [#number] ...) and is answered, or stopped
/// by a [Problem] that names file, line and column. Not changed after it is made.
public final class Node {
  /// What stands in the file.
  public enum Kind {
    BLOCK,
    LIST,
    TEXT,
    NUMBER,
    FLAG,
    NOTHING
  }

  /// A key of a block, where it stands, and its value.
  record Entry(Place place, Node value) {}

  private static final double SPAN_SECONDS_MAX = 36_525 * 86_400.0;

  private final Kind kind;
  private final String path;
  private final Place place;
  private final String written;
  private final SequencedMap<String, Entry> entries;
  private final List<Node> items;

  private Node(
      Kind kind,
      String path,
      Place place,
      String written,
      SequencedMap<String, Entry> entries,
      List<Node> items) {
    this.kind = kind;
    this.path = path;
    this.place = place;
    this.written = written;
    this.entries = entries;
    this.items = items;
  }

  static Node block(String path, Place place, SequencedMap<String, Entry> entries) {
    return new Node(
        Kind.BLOCK,
        path,
        place,
        "",
        Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries)),
        List.of());
  }

  static Node list(String path, Place place, List<Node> items) {
    return new Node(Kind.LIST, path, place, "", new LinkedHashMap<>(), List.copyOf(items));
  }

  static Node scalar(Kind kind, String path, Place place, String written) {
    return new Node(kind, path, place, written, new LinkedHashMap<>(), List.of());
  }

  /// A value that stands in no file of the project any more, but in what was kept of it.
  ///
  /// @param from what is named where it is wrong
  public static Node of(String path, Path from, JsonNode json) {
    var place = new Place(from, 1, 1, 1);
    if (json.isObject()) {
      SequencedMap<String, Entry> entries = new LinkedHashMap<>();
      json.properties()
          .forEach(one ->
              entries.put(
                  one.getKey(),
                  new Entry(place, of(join(path, one.getKey()), from, one.getValue()))));
      return block(path, place, entries);
    }
    if (json.isArray()) {
      List<Node> items = new ArrayList<>();
      json.forEach(item -> items.add(of("%s[%d]".formatted(path, items.size()), from, item)));
      return list(path, place, items);
    }
    if (json.isNull()) return scalar(Kind.NOTHING, path, place, "");
    Kind kind = json.isNumber() ? Kind.NUMBER : json.isBoolean() ? Kind.FLAG : Kind.TEXT;
    return scalar(kind, path, place, json.asText());
  }

  public Kind kind() {
    return kind;
  }

  /// The keys that lead here from the top of the project: `problem.ml_problem.target`.
  public String path() {
    return path;
  }

  public Place place() {
    return place;
  }

  public boolean isBlock() {
    return kind == Kind.BLOCK;
  }

  public boolean isList() {
    return kind == Kind.LIST;
  }

  public boolean isText() {
    return kind == Kind.TEXT;
  }

  /// Whether there is nothing in it: no keys, no items, no value.
  public boolean isEmpty() {
    return switch (kind) {
      case BLOCK -> entries.isEmpty();
      case LIST -> items.isEmpty();
      case NOTHING -> true;
      case TEXT, NUMBER, FLAG -> false;
    };
  }

  public boolean has(String key) {
    return find(key).isPresent();
  }

  /// The value of a key of this block, if it is there and not null.
  public Optional<Node> find(String key) {
    Entry entry = entries().get(key);
    return entry == null || entry.value().kind == Kind.NOTHING
        ? Optional.empty()
        : Optional.of(entry.value());
  }

  /// The value of a key that must be there.
  ///
  /// @throws Problem of kind INVALID if this block has no such key
  public Node get(String key) {
    return find(key)
        .orElseThrow(() ->
            problem(
                Fault.MISSING_KEY,
                "%s has no '%s'".formatted(shownPath(), key),
                "Add the key '%s'".formatted(key)));
  }

  /// The scalar as it is written, without quotes.
  public String text() {
    return switch (kind) {
      case TEXT, NUMBER, FLAG -> written;
      case BLOCK, LIST, NOTHING -> throw wrong("a text");
    };
  }

  public String text(String key, String otherwise) {
    return find(key).map(Node::text).orElse(otherwise);
  }

  /// A finite number, written without quotes.
  public double number() {
    if (kind != Kind.NUMBER) throw wrong("a number");
    double number = Double.parseDouble(written);
    if (!Double.isFinite(number)) throw wrong("a finite number");
    return number;
  }

  public double number(String key, double otherwise) {
    return find(key).map(Node::number).orElse(otherwise);
  }

  /// @throws Problem of kind INVALID if the number does not lie between the two, both included
  public double number(double min, double max) {
    double number = number();
    if (number < min || number > max) {
      throw wrong("a number from %s to %s".formatted(brief(min), brief(max)));
    }
    return number;
  }

  public long whole() {
    if (kind != Kind.NUMBER) throw wrong("a whole number");
    try {
      return new BigDecimal(written).longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw wrong("a whole number").because(e);
    }
  }

  public long whole(String key, long otherwise) {
    return find(key).map(Node::whole).orElse(otherwise);
  }

  /// @throws Problem of kind INVALID if the number does not lie between the two, both included
  public long whole(long min, long max) {
    long whole = whole();
    if (whole < min || whole > max) {
      throw wrong("a whole number from %d to %d".formatted(min, max));
    }
    return whole;
  }

  public boolean flag() {
    if (kind != Kind.FLAG) throw wrong("true or false");
    return written.equalsIgnoreCase("true");
  }

  public boolean flag(String key, boolean otherwise) {
    return find(key).map(Node::flag).orElse(otherwise);
  }

  /// A number with or without a unit: `0.85`, `"< 100ms"`, `14d`.
  public Quantity quantity() {
    if (kind != Kind.TEXT && kind != Kind.NUMBER) throw wrong("a quantity such as 100ms or 30%");
    try {
      return kind == Kind.NUMBER
          ? new Quantity(Quantity.Dimension.NUMBER, number(), Quantity.Bound.NONE, written)
          : Quantity.parse(written);
    } catch (Problem e) {
      throw e.place().isPresent() ? e : e.at(place);
    }
  }

  /// A quantity of this dimension.
  public Quantity quantity(Quantity.Dimension dimension) {
    Quantity quantity = quantity();
    if (quantity.dimension() != dimension) throw wrong(Shape.example(dimension));
    return quantity;
  }

  /// A span of time greater than zero, of at most 100 years: `30s`, `12h`, `14d`.
  public Duration span() {
    double seconds = quantity(Quantity.Dimension.SECONDS).value();
    if (!(seconds >= 1e-3) || seconds > SPAN_SECONDS_MAX) {
      throw wrong("a time above zero, of at most 100 years, such as 12h or 14d");
    }
    return Duration.ofNanos(Math.round(seconds * 1e3) * 1_000_000);
  }

  /// One of these words.
  public String choice(Set<String> known) {
    if (kind != Kind.TEXT) throw wrong("one of " + String.join(", ", known));
    if (!known.contains(written)) throw unknown("value", known);
    return written;
  }

  /// The items of a list.
  public List<Node> list() {
    if (kind != Kind.LIST) throw wrong("a list");
    return items;
  }

  /// The values of a block by their keys, in the order of the file.
  public SequencedMap<String, Node> map() {
    SequencedMap<String, Node> map = new LinkedHashMap<>();
    entries().forEach((key, entry) -> map.put(key, entry.value()));
    return map;
  }

  /// Where a key of this block stands, or the block where it has no such key.
  public Place keyPlace(String key) {
    Entry entry = entries.get(key);
    return entry == null ? place : entry.place();
  }

  /// @throws Problem of kind INVALID if this block has a key that is not one of these; it names the
  ///   nearest one
  public void knownKeys(String... known) {
    for (String key : entries().keySet()) {
      if (!List.of(known).contains(key)) throw unknownKey(key, List.of(known));
    }
  }

  Problem unknownKey(String key, List<String> known) {
    return new Problem(
            Fault.UNKNOWN_KEY,
            "unknown key '%s' in %s".formatted(Texts.shown(key), shownPath()),
            Texts.didYouMean(key, known))
        .at(keyPlace(key));
  }

  /// A problem with what is written here.
  public Problem problem(Fault fault, String what, String remedy) {
    return new Problem(fault, what, remedy).at(place);
  }

  /// A problem with this word, which names nothing of its kind; it names the nearest one.
  ///
  /// @param noun what it should have named: `column`, `dataset`
  public Problem unknown(String noun, java.util.Collection<String> known) {
    return problem(
        Fault.UNKNOWN_WORD,
        "unknown %s '%s' in %s".formatted(noun, Texts.shown(written), shownPath()),
        Texts.didYouMean(written, known));
  }

  /// The problem that something else was wanted here.
  ///
  /// @param wanted with its article: `a number`, `true or false`
  Problem wrong(String wanted) {
    return problem(
        Fault.WRONG_VALUE,
        "%s is %s, not %s".formatted(shownPath(), described(), wanted),
        "Write %s".formatted(wanted));
  }

  /// The value as JSON, keys in the order of the file.
  public JsonNode json() {
    JsonNodeFactory make = JsonNodeFactory.instance;
    return switch (kind) {
      case NOTHING -> make.nullNode();
      case TEXT -> make.textNode(written);
      case FLAG -> make.booleanNode(flag());
      case NUMBER -> number(make);
      case LIST -> {
        var array = make.arrayNode();
        items.forEach(item -> array.add(item.json()));
        yield array;
      }
      case BLOCK -> {
        var object = make.objectNode();
        entries.forEach((key, entry) -> object.set(key, entry.value().json()));
        yield object;
      }
    };
  }

  private JsonNode number(JsonNodeFactory make) {
    double number = Double.parseDouble(written);
    if (!Double.isFinite(number)) return make.textNode(written);
    try {
      return make.numberNode(new BigDecimal(written).longValueExact());
    } catch (ArithmeticException | NumberFormatException _) {
      return make.numberNode(number);
    }
  }

  /// The same value at another path, its children beneath it.
  Node under(String newPath) {
    return switch (kind) {
      case TEXT, NUMBER, FLAG, NOTHING -> scalar(kind, newPath, place, written);
      case LIST -> {
        List<Node> moved = new ArrayList<>();
        for (int i = 0; i < items.size(); i++)
          moved.add(items.get(i).under(newPath + "[" + i + "]"));
        yield list(newPath, place, moved);
      }
      case BLOCK -> {
        SequencedMap<String, Entry> moved = new LinkedHashMap<>();
        entries.forEach((key, entry) ->
            moved.put(key, new Entry(entry.place(), entry.value().under(join(newPath, key)))));
        yield block(newPath, place, moved);
      }
    };
  }

  SequencedMap<String, Entry> entries() {
    if (kind != Kind.BLOCK) throw wrong("a block of keys");
    return entries;
  }

  /// What a child of this path is called.
  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  String shownPath() {
    return path.isEmpty() ? place.file().toString() : path;
  }

  private String described() {
    return switch (kind) {
      case BLOCK -> "a block";
      case LIST -> "a list";
      case NOTHING -> "empty";
      case TEXT -> "the text '%s'".formatted(Texts.shown(written));
      case NUMBER, FLAG -> Texts.shown(written);
    };
  }

  private static String brief(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Double.toString(number);
  }

  @Override
  public String toString() {
    return "%s (%s) %s".formatted(shownPath(), place, Json.text(json()));
  }
}
