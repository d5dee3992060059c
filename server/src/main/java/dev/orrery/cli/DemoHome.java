package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Disk;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.project.Project;
import dev.orrery.sql.StoreLock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The folder of a demo: a copy of the flights' project, marked as one by its file `demo.json`.
///
/// The mark is written before anything else, so that a copy that was cut short is known for what it
/// is; nothing that has no mark is ever changed or removed.
record DemoHome(Path folder) {
  static final String MARK = "demo.json";
  private static final String SOURCE = "/examples/flights/";
  private static final List<String> FILES =
      List.of(
          Project.FILE,
          "problem.yaml",
          "success_criteria.yaml",
          "README.md",
          "data/README.md",
          "data/flights.parquet");

  Path ledger() {
    return folder.resolve(ReplayCommand.LEDGER);
  }

  /// Whether a demo has been begun here.
  ///
  /// @throws Problem ALREADY_THERE if something else is here
  boolean isBegun() {
    if (!Files.exists(folder)) return false;
    if (Files.isRegularFile(folder.resolve(MARK))) return true;
    if (!Files.isDirectory(folder)) {
      throw new Problem(
          Fault.ALREADY_THERE,
          "%s is a file, not a folder".formatted(Texts.shown(folder.toString())),
          "Name a folder for the demo: orrery demo --home DIR");
    }
    try (var inside = Files.list(folder)) {
      if (inside.findAny().isEmpty()) return false;
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
    throw new Problem(
        Fault.ALREADY_THERE,
        "%s is not empty, and not a demo's".formatted(Texts.shown(folder.toString())),
        "Name another folder for the demo: orrery demo --home DIR");
  }

  /// Whether the demo was played to its end; its report is then written into the mark.
  boolean isComplete() {
    return mark().path("complete").asBoolean(false);
  }

  void complete(int seed) {
    mark(Map.of("seed", seed, "complete", true));
  }

  /// The seed that this demo was begun with.
  Optional<Integer> seed() {
    JsonNode seed = mark().path("seed");
    return seed.isInt() ? Optional.of(seed.asInt()) : Optional.empty();
  }

  /// Removes a demo.
  ///
  /// @throws Problem STORE_HELD if it runs
  void remove() {
    Optional<StoreLock.Holder> holder = StoreLock.holder(folder.resolve(".orrery"));
    if (holder.isPresent()) {
      throw new Problem(
          Fault.STORE_HELD,
          "the demo in %s is in use by %s".formatted(folder, holder.get()),
          "Stop it first, or name another folder with --home");
    }
    try (var files = Files.walk(folder)) {
      // The mark goes last, so that what is left of a removal cut short is a demo's still.
      List<Path> deepestFirst =
          files
              .filter(f -> !f.equals(folder.resolve(MARK)))
              .sorted(Comparator.reverseOrder())
              .toList();
      for (Path file : deepestFirst) if (!file.equals(folder)) Files.delete(file);
      Files.deleteIfExists(folder.resolve(MARK));
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
  }

  /// Copies what is not there yet.
  void fill(int seed) {
    if (!Files.exists(folder.resolve(MARK))) mark(Map.of("seed", seed));
    for (String file : FILES) {
      Path target = folder.resolve(file);
      if (Files.exists(target)) continue;
      try (InputStream in = DemoHome.class.getResourceAsStream(SOURCE + file)) {
        if (in == null) throw new IllegalStateException("no " + SOURCE + file);
        byte[] bytes = in.readAllBytes();
        if (file.equals(Project.FILE)) bytes = seeded(bytes, seed);
        write(target, bytes);
      } catch (IOException e) {
        throw cannotWrite(target, e);
      }
    }
  }

  private static byte[] seeded(byte[] yaml, int seed) {
    String text = new String(yaml, StandardCharsets.UTF_8);
    return text.replaceFirst("(?m)^  seed: \\d+$", "  seed: " + seed)
        .getBytes(StandardCharsets.UTF_8);
  }

  private JsonNode mark() {
    try {
      return Json.tree(Files.readAllBytes(folder.resolve(MARK)));
    } catch (IOException e) {
      throw cannotWrite(folder.resolve(MARK), e);
    }
  }

  private void mark(Map<String, Object> what) {
    try {
      write(folder.resolve(MARK), Json.bytes(what));
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
  }

  /// Whole or not at all.
  private static void write(Path target, byte[] bytes) throws IOException {
    @Nullable Path parent = target.getParent();
    if (parent != null) Files.createDirectories(parent);
    Path part = target.resolveSibling(target.getFileName() + ".part");
    Files.write(part, bytes);
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  static Problem cannotWrite(Path path, IOException e) {
    return new Problem(
            Fault.CANNOT_WRITE,
            "%s cannot be written%s"
                .formatted(
                    Texts.shown(path.toString()),
                    Disk.isFull(e) ? ": the disk is full" : " (" + e + ")"),
            "Check its permissions and the free space, or choose another folder")
        .because(e);
  }
}
