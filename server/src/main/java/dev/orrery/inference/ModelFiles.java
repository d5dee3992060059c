package dev.orrery.inference;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The files of one model by version, the oldest first.
///
/// A file `churn.txt` is version 1 of `churn`; `churn@1.2.0.txt` its version 1.2.0. A folder with
/// folders of versions, `churn/1/model.onnx`, is a model of the folder's name, the folder of an
/// MLflow model is one, and any other folder is looked into for models.
///
/// @param versions never empty
record ModelFiles(String name, SequencedMap<String, Path> versions) {
  private static final int FILES_MAX = 10_000;
  private static final Pattern VERSION = Pattern.compile("v?[0-9]+(\\.[0-9]+)*([.-][A-Za-z0-9]+)*");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}");
  private static final List<String> ENDINGS =
      List.of(".txt", ".json", ".ubj", ".onnx", ".model", ".lgb", ".xgb", ".bin", ".yaml", ".yml");

  /// Numbers by their value, part by part; the newest first.
  static final Comparator<String> NEWEST_FIRST =
      ((Comparator<String>) ModelFiles::older).reversed();

  static int older(String a, String b) {
    String[] ours = a.split("[.-]", -1);
    String[] theirs = b.split("[.-]", -1);
    for (int i = 0; i < Math.min(ours.length, theirs.length); i++) {
      int order = part(ours[i], theirs[i]);
      if (order != 0) return order;
    }
    return ours.length == theirs.length ? a.compareTo(b) : ours.length - theirs.length;
  }

  private static int part(String a, String b) {
    String ours = a.startsWith("v") ? a.substring(1) : a;
    String theirs = b.startsWith("v") ? b.substring(1) : b;
    boolean numbers = isDigits(ours) && isDigits(theirs);
    return numbers ? new BigInteger(ours).compareTo(new BigInteger(theirs)) : a.compareTo(b);
  }

  private static boolean isDigits(String text) {
    return !text.isEmpty()
        && text.length() <= 40
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /// What paths of a command line mean.
  ///
  /// @throws Problem of kind INVALID if one is not there, or names no model
  static List<ModelFiles> of(List<Path> paths) {
    var found = new TreeMap<String, TreeMap<String, Path>>();
    var order = new ArrayList<String>();
    for (Path path : paths) {
      Path whole = path.toAbsolutePath().normalize();
      if (isMlflow(whole)) {
        file(whole, found, order);
      } else if (Files.isDirectory(whole)) {
        int before = count(found);
        folder(whole, found, order);
        if (count(found) == before) {
          throw bad(
              "there is no model in %s".formatted(Texts.shown(path.toString())),
              "Name a file, or a folder such as churn/1/model.onnx");
        }
      } else if (Files.isRegularFile(whole)) {
        file(whole, found, order);
      } else {
        throw bad(
            "there is no file %s".formatted(Texts.shown(path.toString())), "Check the path of it");
      }
    }
    return order.stream()
        .map(name -> new ModelFiles(name, java.util.Objects.requireNonNull(found.get(name))))
        .toList();
  }

  private static int count(Map<String, TreeMap<String, Path>> found) {
    return found.values().stream().mapToInt(Map::size).sum();
  }

  private static void folder(
      Path folder, Map<String, TreeMap<String, Path>> found, List<String> order) {
    List<Path> inside = list(folder);
    boolean versions = inside.stream().anyMatch(p -> Files.isDirectory(p) && isVersion(name(p)));
    for (Path path : inside) {
      if (versions && isMlflow(path) && isVersion(name(path))) {
        put(name(folder), name(path), path, found, order);
      } else if (versions && Files.isDirectory(path) && isVersion(name(path))) {
        list(path).stream()
            .filter(ModelFiles::isModel)
            .findFirst()
            .ifPresent(file -> put(name(folder), name(path), file, found, order));
      } else if (!versions && isMlflow(path)) {
        file(path, found, order);
      } else if (!versions && Files.isDirectory(path)) {
        if (list(path).stream().anyMatch(p -> Files.isDirectory(p) && isVersion(name(p)))) {
          folder(path, found, order);
        }
      } else if (!versions && isModel(path)) {
        file(path, found, order);
      }
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.limit(FILES_MAX).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The folder of an MLflow model is a model as a whole, whatever its files are.
  private static boolean isMlflow(Path path) {
    return Files.isDirectory(path) && Files.isRegularFile(path.resolve("MLmodel"));
  }

  private static boolean isModel(Path path) {
    String name = name(path).toLowerCase(Locale.ROOT);
    return Files.isRegularFile(path) && ENDINGS.stream().anyMatch(name::endsWith);
  }

  private static boolean isVersion(String text) {
    return VERSION.matcher(text).matches();
  }

  private static void file(
      Path file, Map<String, TreeMap<String, Path>> found, List<String> order) {
    Path parent = file.getParent();
    Path above = parent == null ? null : parent.getParent();
    String stem = name(file);
    for (String ending : ENDINGS) {
      if (stem.toLowerCase(Locale.ROOT).endsWith(ending)) {
        stem = stem.substring(0, stem.length() - ending.length());
        break;
      }
    }
    if (stem.equals("model") && parent != null && above != null && isVersion(name(parent))) {
      put(name(above), name(parent), file, found, order);
      return;
    }
    int at = stem.lastIndexOf('@');
    boolean versioned = at > 0 && isVersion(stem.substring(at + 1));
    put(
        versioned ? stem.substring(0, at) : stem,
        versioned ? stem.substring(at + 1) : "1",
        file,
        found,
        order);
  }

  private static void put(
      String name,
      String version,
      Path file,
      Map<String, TreeMap<String, Path>> found,
      List<String> order) {
    if (!NAME.matcher(name).matches()) {
      throw bad(
          "'%s' cannot be a model's name".formatted(Texts.shown(name)),
          "Rename the file: letters, digits and . _ -");
    }
    if (!found.containsKey(name)) order.add(name);
    Path before =
        found
            .computeIfAbsent(name, _ -> new TreeMap<>(ModelFiles::older))
            .putIfAbsent(version, file);
    if (before != null && !before.equals(file)) {
      throw bad(
          "%s and %s are both version %s of '%s'"
              .formatted(
                  Texts.shown(before.toString()), Texts.shown(file.toString()), version, name),
          "Give one of them another name, or a version: %s@2.txt".formatted(name));
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static Problem bad(String what, String remedy) {
    return new Problem(Fault.BAD_MODEL_FILE, what, remedy);
  }
}
