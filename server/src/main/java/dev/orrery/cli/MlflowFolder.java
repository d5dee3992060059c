package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// A folder `mlruns`, as MLflow's file store writes it: a folder per experiment and within it one
/// per run, with `meta.yaml`, a file per parameter, tag and metric, and `artifacts`.
///
/// Links are not followed.
final class MlflowFolder implements MlflowSource {
  private static final int PIECE = 5_000;
  private static final long META_BYTES_MAX = 10_000_000;
  private static final List<String> STATES =
      List.of("", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED");

  private final Path folder;
  private final Map<String, Path> places = new HashMap<>();

  MlflowFolder(Path folder) {
    this.folder = folder;
  }

  @Override
  public String place() {
    return folder.toString();
  }

  @Override
  public List<JsonNode> experiments() {
    List<JsonNode> found = new ArrayList<>();
    for (Path root : List.of(folder, folder.resolve(".trash"))) {
      for (Path experiment : folders(root)) {
        if (!isFile(experiment.resolve("meta.yaml"))) continue;
        Map<?, ?> meta = meta(experiment);
        ObjectNode node = Json.MAPPER.createObjectNode();
        String id = text(meta, "experiment_id", experiment.getFileName().toString());
        node.put("experiment_id", id);
        node.put("name", text(meta, "name", id));
        node.put("lifecycle_stage", text(meta, "lifecycle_stage", "active"));
        node.set("tags", pairs(experiment.resolve("tags")));
        places.put(id, experiment);
        found.add(node);
      }
    }
    if (found.isEmpty()) {
      throw new Problem(
          Fault.NO_SUCH_FILE,
          "%s has no experiments of MLflow".formatted(Texts.shown(folder.toString())),
          "Name the folder 'mlruns' that MLflow wrote");
    }
    return found;
  }

  @Override
  public void runs(String experiment, Consumer<JsonNode> each) {
    Path place = places.get(experiment);
    if (place == null) return;
    for (Path run : folders(place)) {
      if (!isFile(run.resolve("meta.yaml")) || !Files.isDirectory(run.resolve("tags"))) continue;
      Map<?, ?> meta = meta(run);
      if (!meta.containsKey("run_id") && !meta.containsKey("run_uuid")) continue;
      each.accept(run(run, meta, experiment));
    }
  }

  private JsonNode run(Path place, Map<?, ?> meta, String experiment) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    String id = text(meta, "run_id", text(meta, "run_uuid", ""));
    places.put(id, place);
    ObjectNode info = node.putObject("info");
    info.put("run_id", id);
    info.put("experiment_id", experiment);
    info.put("run_name", text(meta, "run_name", text(meta, "name", "")));
    info.put("user_id", text(meta, "user_id", ""));
    info.put("status", status(text(meta, "status", "")));
    info.put("start_time", whole(meta, "start_time"));
    if (whole(meta, "end_time") > 0) info.put("end_time", whole(meta, "end_time"));
    info.put("lifecycle_stage", text(meta, "lifecycle_stage", "active"));
    ObjectNode data = node.putObject("data");
    data.set("params", pairs(place.resolve("params")));
    data.set("tags", pairs(place.resolve("tags")));
    ArrayNode metrics = data.putArray("metrics");
    Path root = place.resolve("metrics");
    for (Path file : files(root)) {
      metrics.addObject().put("key", root.relativize(file).toString()).put("size", size(file));
    }
    return node;
  }

  private static String status(String text) {
    if (!text.matches("[0-9]")) return text;
    int number = Integer.parseInt(text);
    return number < STATES.size() ? STATES.get(number) : "";
  }

  @Override
  public void history(JsonNode run, String metric, Consumer<List<Point>> each) {
    Path file = place(run).resolve("metrics").resolve(metric);
    List<Point> points = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.strip().split("\\s+");
        if (words.length < 2) continue;
        long step = words.length > 2 ? Long.parseLong(words[2]) : 0;
        points.add(new Point(number(words[1]), Long.parseLong(words[0]), step));
        if (points.size() == PIECE) {
          each.accept(List.copyOf(points));
          points.clear();
        }
      }
    } catch (IOException | NumberFormatException e) {
      throw unreadable(file, e);
    }
    if (!points.isEmpty()) each.accept(points);
  }

  private static double number(String text) {
    return switch (text.toLowerCase(java.util.Locale.ROOT)) {
      case "nan" -> Double.NaN;
      case "inf", "infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  @Override
  public List<File> artifacts(JsonNode run) {
    Path root = place(run).resolve("artifacts");
    return files(root).stream()
        .map(file ->
            new File(
                root.relativize(file).toString().replace(java.io.File.separatorChar, '/'),
                size(file)))
        .toList();
  }

  @Override
  public InputStream open(JsonNode run, String path) throws IOException {
    return Files.newInputStream(place(run).resolve("artifacts").resolve(path));
  }

  private Path place(JsonNode run) {
    return places.getOrDefault(MlflowSource.runId(run), folder);
  }

  private static Map<?, ?> meta(Path of) {
    Path file = of.resolve("meta.yaml");
    try {
      if (Files.size(file) > META_BYTES_MAX) throw new IOException("it is larger than 10 MB");
      Object read =
          new Load(LoadSettings.builder().setAllowDuplicateKeys(true).build())
              .loadFromString(Files.readString(file));
      if (read instanceof Map<?, ?> map) return map;
      throw new IOException("it is no mapping");
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  private static String text(Map<?, ?> meta, String key, String otherwise) {
    Object value = meta.get(key);
    return value == null ? otherwise : value.toString();
  }

  private static long whole(Map<?, ?> meta, String key) {
    return meta.get(key) instanceof Number number ? number.longValue() : 0;
  }

  private static ArrayNode pairs(Path folder) {
    ArrayNode pairs = Json.MAPPER.createArrayNode();
    for (Path file : files(folder)) {
      try {
        pairs
            .addObject()
            .put("key", folder.relativize(file).toString())
            .put("value", Files.readString(file));
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
    return pairs;
  }

  private static List<Path> folders(Path in) {
    if (!Files.isDirectory(in, LinkOption.NOFOLLOW_LINKS)) return List.of();
    try (Stream<Path> found = Files.list(in)) {
      return found
          .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw unreadable(in, e);
    }
  }

  private static List<Path> files(Path in) {
    if (!Files.isDirectory(in, LinkOption.NOFOLLOW_LINKS)) return List.of();
    try (Stream<Path> found = Files.walk(in)) {
      return found.filter(MlflowFolder::isFile).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(in, e);
    }
  }

  private static boolean isFile(Path path) {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static Problem unreadable(Path file, Exception e) {
    return new Problem(
            Fault.NO_SUCH_FILE,
            "%s cannot be read (%s)".formatted(Texts.shown(file.toString()), e.getMessage()),
            "Mend or remove it, and import again")
        .because(e);
  }
}
