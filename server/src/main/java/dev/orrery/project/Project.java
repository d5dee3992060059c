package dev.orrery.project;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Name;
import dev.orrery.base.Place;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A project folder's definitions, read and checked: what `orrery.yaml` and the files it names say.
///
/// The blocks that are nodes are parsed by the parts they are for. A block that the project does
/// not have is an empty node, so that asking it for a key names the file to add it to.
///
/// @param problem null where the project defines none
/// @param files the digests of every definition read, by its path from the folder
/// @param digest of all of them together
public record Project(
    Name name,
    Path folder,
    @Nullable ProblemDefinition problem,
    SuccessCriteria success,
    Node data,
    Node features,
    Node model,
    Node gates,
    Node serve,
    Node monitor,
    Node retrain,
    Node registry,
    Node versioning,
    Node outbound,
    SortedMap<String, Digest> files,
    Digest digest) {
  public static final String FILE = "orrery.yaml";

  public Project {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
  }

  /// A reading of a project folder: the project if it has no problem, or every problem found.
  public record Reading(Optional<Project> project, List<Problem> problems) {
    public Reading {
      problems = List.copyOf(problems);
    }
  }

  /// Whether the folder is a project's.
  public static boolean isIn(Path folder) {
    return Files.isRegularFile(folder.resolve(FILE));
  }

  /// @throws Problem the first that stands in the definitions; NOT_FOUND if there are none
  public static Project load(Path folder) {
    Reading reading = read(folder);
    return reading.project().orElseThrow(() -> reading.problems().getFirst());
  }

  /// Reads a folder and notes every problem rather than the first.
  ///
  /// @throws Problem of kind NOT_FOUND if the folder has no `orrery.yaml`
  public static Reading read(Path folder) {
    if (!isIn(folder) && Files.exists(folder.resolve(FILE))) {
      throw new Problem(
          Fault.UNREADABLE_DEFINITION,
          "%s in %s is not a file".formatted(FILE, Texts.shown(folder.toString())),
          "Write the definitions into a file of this name");
    }
    if (!isIn(folder)) {
      throw new Problem(
          Fault.NO_PROJECT,
          "there is no %s in %s".formatted(FILE, Texts.shown(folder.toString())),
          "Go to a project's folder, or make one with 'orrery init'");
    }
    List<Problem> problems = new ArrayList<>();
    Reader reader = new Reader(folder, problems);
    Optional<Project> project = Optional.empty();
    try {
      Node top = reader.read(Path.of(FILE), Keys.PROJECT);
      Keys.PROJECT.check(top, problems);
      if (problems.isEmpty()) project = Optional.of(of(folder, top, reader.files()));
    } catch (Problem e) {
      problems.add(e);
    }
    problems.sort((a, b) -> compare(a.place().orElse(null), b.place().orElse(null)));
    return new Reading(problems.isEmpty() ? project : Optional.empty(), problems);
  }

  private static Project of(Path folder, Node top, SortedMap<String, Digest> files) {
    return new Project(
        name(top.get("project")),
        folder,
        top.find("problem").map(ProblemDefinition::parse).orElse(null),
        top.find("success").map(SuccessCriteria::parse).orElse(SuccessCriteria.NONE),
        block(top, "data"),
        block(top, "features"),
        block(top, "model"),
        gathered(block(top, "gates"), "metrics", Keys.METRICS),
        block(top, "serve"),
        block(top, "monitor"),
        gathered(block(top, "retrain"), "policy", Keys.POLICY),
        block(top, "registry"),
        block(top, "versioning"),
        block(top, "outbound"),
        files,
        Digest.of(String.join("\n", files.entrySet().stream().map(Object::toString).toList())));
  }

  private static Name name(Node node) {
    try {
      return new Name(node.text());
    } catch (Problem e) {
      throw e.place().isPresent() ? e : e.at(node.place());
    }
  }

  private static Node block(Node top, String key) {
    return top.find(key).orElseGet(() -> Node.block(key, top.keyPlace(key), new LinkedHashMap<>()));
  }

  /// The founding documents write some keys directly where a project may also write them in a block
  /// of their own; here they stand in that block, whichever way they were written.
  private static Node gathered(Node block, String inner, Set<String> keys) {
    SequencedMap<String, Node.Entry> direct = new LinkedHashMap<>(block.entries());
    direct.keySet().retainAll(keys);
    if (direct.isEmpty()) return block;
    if (block.has(inner)) {
      String first = direct.firstEntry().getKey();
      throw new Problem(
              Fault.DUPLICATE_KEY,
              "%s has both '%s' and '%s'".formatted(block.path(), inner, first),
              "Move '%s' into '%s'".formatted(first, inner))
          .at(block.keyPlace(first));
    }
    SequencedMap<String, Node.Entry> all = new LinkedHashMap<>(block.entries());
    all.keySet().removeAll(keys);
    Node gathered = Node.block("", block.place(), direct);
    all.put(inner, new Node.Entry(block.place(), gathered));
    return Node.block("", block.place(), all).under(block.path());
  }

  private static int compare(@Nullable Place a, @Nullable Place b) {
    if (a == null || b == null) return a == b ? 0 : a == null ? -1 : 1;
    int byFile = a.file().compareTo(b.file());
    if (byFile != 0) return byFile;
    return a.line() != b.line() ? a.line() - b.line() : a.column() - b.column();
  }
}
