package dev.orrery.project;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// Reads `orrery.yaml` and every file it names into one tree of nodes, and remembers their digests.
final class Reader {
  private static final int INCLUDES_MAX = 8;

  private final Path folder;
  private final List<Problem> problems;
  private final SortedMap<String, Digest> files = new TreeMap<>();

  Reader(Path folder, List<Problem> problems) {
    this.folder = folder;
    this.problems = problems;
  }

  /// The whole tree, every path in it replaced by what the file holds.
  Node read(Path file, Shape shape) {
    return include(parse(file), "", shape, List.of(file));
  }

  /// The digests of all files read, by their paths from the folder.
  SortedMap<String, Digest> files() {
    return files;
  }

  private Node parse(Path file) {
    Source source = Source.read(folder, file);
    files.put(file.toString().replace('\\', '/'), source.digest());
    return Yaml.read(source);
  }

  /// The node at this path with the files beneath it read; where one cannot be, the problem is
  /// noted and nothing stands in its place.
  private Node include(Node node, String path, Shape shape, List<Path> trail) {
    if (node.isText() && shape.wantsBlock() && !isNoNumber(node, shape)) {
      try {
        return fromFile(node, path, shape, trail);
      } catch (Problem e) {
        problems.add(e);
        return Node.scalar(Node.Kind.NOTHING, path, node.place(), "");
      }
    }
    return switch (node.kind()) {
      case BLOCK -> {
        SequencedMap<String, Node.Entry> entries = new LinkedHashMap<>();
        node.entries()
            .forEach((key, entry) ->
                entries.put(
                    key,
                    new Node.Entry(
                        entry.place(),
                        child(entry.value(), Node.join(path, key), below(shape, key), trail))));
        yield Node.block(path, node.place(), entries);
      }
      case LIST -> {
        List<Node> items = new ArrayList<>();
        for (Node item : node.list()) {
          items.add(child(item, "%s[%d]".formatted(path, items.size()), item(shape), trail));
        }
        yield Node.list(path, node.place(), items);
      }
      case TEXT, NUMBER, FLAG, NOTHING -> node.under(path);
    };
  }

  /// `.nan` and `.inf` where a number may stand are no paths.
  private static boolean isNoNumber(Node node, Shape shape) {
    return shape.fits(Node.Kind.NUMBER) && node.text().matches("(?i)[-+]?\\.?(nan|inf)");
  }

  private Node child(Node node, String path, Optional<Shape> shape, List<Path> trail) {
    return shape.map(known -> include(node, path, known, trail)).orElseGet(() -> node.under(path));
  }

  private Node fromFile(Node named, String path, Shape shape, List<Path> trail) {
    Path file = inside(named);
    if (trail.contains(file)) {
      throw named.problem(
          Fault.BAD_INCLUDE,
          "%s includes itself".formatted(file),
          "Write the block here instead of the path");
    }
    if (trail.size() > INCLUDES_MAX) {
      throw named.problem(
          Fault.BAD_INCLUDE,
          "files include one another more than %d deep".formatted(INCLUDES_MAX),
          "Write the block here instead of the path");
    }
    List<Path> longer = new ArrayList<>(trail);
    longer.add(file);
    return include(unwrapped(parse(file), path, shape), path, shape, longer);
  }

  /// What stands under the file's single top key, if that key is the block's own name.
  private static Node unwrapped(Node top, String path, Shape shape) {
    if (!top.isBlock() || top.entries().size() != 1) return top;
    String key = top.entries().firstEntry().getKey();
    Set<String> names = shape instanceof Shape.Block block ? block.fileNames() : Set.of();
    boolean isOwnName = key.equals(path.substring(path.lastIndexOf('.') + 1));
    return isOwnName || names.contains(key) ? top.entries().firstEntry().getValue().value() : top;
  }

  /// The file a path names; refused, never mended, unless it lies in the project's folder.
  private Path inside(Node named) {
    String text = named.text();
    Path file;
    try {
      file = Path.of(text);
    } catch (InvalidPathException e) {
      throw outside(named).because(e);
    }
    boolean isPlain =
        !text.isEmpty()
            && !file.isAbsolute()
            && text.indexOf('\\') < 0
            && text.indexOf(':') < 0
            && text.chars().noneMatch(Character::isISOControl);
    for (Path part : file) isPlain = isPlain && !part.toString().equals("..");
    if (!isPlain) throw outside(named);
    Path normal = file.normalize();
    try {
      Path real = folder.resolve(normal).toRealPath();
      if (!real.startsWith(folder.toRealPath())) throw outside(named);
    } catch (IOException e) {
      throw missing(named, normal).because(e);
    }
    if (!Files.isRegularFile(folder.resolve(normal))) throw missing(named, normal);
    return normal;
  }

  private static Problem outside(Node named) {
    return named.problem(
        Fault.BAD_INCLUDE,
        "'%s' is not a path inside the project's folder".formatted(Texts.shown(named.text())),
        "Write a path from the project's folder, without '..', such as config/problem.yaml");
  }

  private Problem missing(Node named, Path file) {
    return named.problem(
        Fault.BAD_INCLUDE,
        "%s is a path here, but there is no file '%s'"
            .formatted(named.shownPath().isEmpty() ? "this" : "'" + named.text() + "'", file),
        nearest(file)
            .map("Did you mean '%s'"::formatted)
            .orElse("Write the block itself, or the path of a file that holds it"));
  }

  private Optional<String> nearest(Path file) {
    Path parent = file.getParent();
    Path place = parent == null ? folder : folder.resolve(parent);
    if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) return Optional.empty();
    try (var siblings = Files.list(place)) {
      List<String> names =
          siblings
              .limit(1_000)
              .filter(Files::isRegularFile)
              .map(sibling -> folder.relativize(sibling).toString())
              .sorted()
              .toList();
      return Texts.nearest(file.toString(), names);
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private static Optional<Shape> below(Shape shape, String key) {
    return switch (shape) {
      case Shape.Block block -> Optional.ofNullable(block.keys().get(key)).map(Shape.Key::shape);
      case Shape.Names names -> Optional.of(names.each());
      case Shape.Either either ->
          either.shapes().stream().flatMap(one -> below(one, key).stream()).findFirst();
      case Shape.Items _,
          Shape.Text _,
          Shape.Number _,
          Shape.Whole _,
          Shape.Flag _,
          Shape.Amount _ ->
          Optional.empty();
    };
  }

  private static Optional<Shape> item(Shape shape) {
    return switch (shape) {
      case Shape.Items items -> Optional.of(items.each());
      case Shape.Either either ->
          either.shapes().stream().flatMap(one -> item(one).stream()).findFirst();
      case Shape.Block _,
          Shape.Names _,
          Shape.Text _,
          Shape.Number _,
          Shape.Whole _,
          Shape.Flag _,
          Shape.Amount _ ->
          Optional.empty();
    };
  }
}
