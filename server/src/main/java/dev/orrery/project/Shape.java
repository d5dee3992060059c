package dev.orrery.project;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Quantity.Dimension;
import dev.orrery.base.Texts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// What may stand at some key: the one description from which definitions are checked, files are
/// included, and the editors' JSON Schema is written.
sealed interface Shape {
  /// One sentence for people and editors.
  String about();

  /// A key of a block.
  record Key(Shape shape, boolean isRequired) {}

  /// Keys that are known by name.
  ///
  /// @param fileNames what the single top key of a file that holds this block may be called,
  ///   besides the block's own name
  record Block(String about, SequencedMap<String, Key> keys, Set<String> fileNames)
      implements Shape {
    Block calledInFiles(String... names) {
      return new Block(about, keys, Set.of(names));
    }

    /// The same block with these keys as well.
    Block with(SequencedMap<String, Key> more) {
      SequencedMap<String, Key> all = new LinkedHashMap<>(keys);
      all.putAll(more);
      return new Block(about, Collections.unmodifiableSequencedMap(all), fileNames);
    }

    /// The same block with these optional keys as well, all of one shape.
    Block with(Set<String> names, Shape shape) {
      SequencedMap<String, Key> more = new LinkedHashMap<>();
      names.forEach(name -> more.put(name, new Key(shape, false)));
      return with(more);
    }
  }

  /// Keys that the project chooses, all with values of one shape.
  record Names(String about, Shape each) implements Shape {}

  record Items(String about, Shape each) implements Shape {}

  /// @param choices the words that are allowed; none means any text
  record Text(String about, Set<String> choices) implements Shape {}

  record Number(String about, double min, double max) implements Shape {}

  record Whole(String about, long min, long max) implements Shape {}

  record Flag(String about) implements Shape {}

  /// A number with a unit of one of these dimensions.
  record Amount(String about, Set<Dimension> dimensions) implements Shape {}

  /// One of several, told apart by what stands in the file.
  record Either(String about, List<Shape> shapes) implements Shape {}

  /// Whether a block belongs here, so that a text is the path of a file that holds it.
  default boolean wantsBlock() {
    return switch (this) {
      case Block _, Names _ -> true;
      case Either either ->
          either.shapes().stream().anyMatch(Shape::wantsBlock)
              && either.shapes().stream().noneMatch(shape -> shape.fits(Node.Kind.TEXT));
      case Items _, Text _, Number _, Whole _, Flag _, Amount _ -> false;
    };
  }

  /// Whether a value of this kind could be meant.
  default boolean fits(Node.Kind kind) {
    return switch (this) {
      case Block _, Names _ -> kind == Node.Kind.BLOCK;
      case Items _ -> kind == Node.Kind.LIST;
      case Text _ -> kind == Node.Kind.TEXT;
      case Number _, Whole _ -> kind == Node.Kind.NUMBER;
      case Flag _ -> kind == Node.Kind.FLAG;
      case Amount _ -> kind == Node.Kind.NUMBER || kind == Node.Kind.TEXT;
      case Either either -> either.shapes().stream().anyMatch(shape -> shape.fits(kind));
    };
  }

  /// What belongs here, with its article.
  default String wanted() {
    return switch (this) {
      case Block _, Names _ -> "a block of keys";
      case Items _ -> "a list";
      case Text text ->
          text.choices().isEmpty() ? "a text" : "one of " + String.join(", ", text.choices());
      case Number _ -> "a number";
      case Whole _ -> "a whole number";
      case Flag _ -> "true or false";
      case Amount amount ->
          String.join(" or ", amount.dimensions().stream().map(Shape::example).sorted().toList());
      case Either either ->
          String.join(" or ", either.shapes().stream().map(Shape::wanted).toList());
    };
  }

  static String example(Dimension dimension) {
    return switch (dimension) {
      case NUMBER -> "a number";
      case SECONDS -> "a time such as 100ms, 12h or 14d";
      case BYTES -> "a size such as 50MB";
      case PER_SECOND -> "a rate such as 1000 req/s";
      case SHARE -> "a share such as 30%";
      case DOLLARS_PER_MONTH -> "a cost such as $10K/month";
    };
  }

  /// Adds every problem of this node and of all beneath it.
  default void check(Node node, List<Problem> problems) {
    if (!fits(node.kind())) {
      problems.add(node.wrong(wanted()));
      return;
    }
    try {
      switch (this) {
        case Block block -> checkBlock(block, node, problems);
        case Names names ->
            node.map().values().forEach(child -> names.each().check(child, problems));
        case Items items -> node.list().forEach(item -> items.each().check(item, problems));
        case Text text -> {
          if (!text.choices().isEmpty()) node.choice(text.choices());
        }
        case Number number -> node.number(number.min(), number.max());
        case Whole whole -> node.whole(whole.min(), whole.max());
        case Flag _ -> node.flag();
        case Amount amount -> {
          if (!amount.dimensions().contains(node.quantity().dimension())) {
            throw node.wrong(wanted());
          }
        }
        case Either either ->
            either.shapes().stream()
                .filter(shape -> shape.fits(node.kind()))
                .findFirst()
                .ifPresent(shape -> shape.check(node, problems));
      }
    } catch (Problem e) {
      problems.add(e);
    }
  }

  private static void checkBlock(Block block, Node node, List<Problem> problems) {
    node.map()
        .forEach((name, child) -> {
          Key key = block.keys().get(name);
          if (key == null) {
            problems.add(node.unknownKey(name, new ArrayList<>(block.keys().keySet())));
          } else if (child.kind() != Node.Kind.NOTHING) {
            key.shape().check(child, problems);
          }
        });
    block
        .keys()
        .forEach((name, key) -> {
          // A misspelt key is told of as what it is.
          boolean isMisspelt =
              node.map().keySet().stream()
                  .filter(other -> !block.keys().containsKey(other))
                  .anyMatch(other ->
                      Texts.nearest(other, block.keys().keySet()).equals(Optional.of(name)));
          if (key.isRequired() && !node.has(name) && !isMisspelt) {
            problems.add(
                node.problem(
                    Fault.MISSING_KEY,
                    "%s has no '%s'".formatted(node.shownPath(), name),
                    "Add the key '%s': %s".formatted(name, key.shape().about())));
          }
        });
  }
}
