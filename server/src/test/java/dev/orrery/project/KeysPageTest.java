package dev.orrery.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.Golden;
import dev.orrery.project.Shape.Block;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Writes the reference page of all keys from the shapes that the check uses.
class KeysPageTest {
  private static final String HEAD =
      """
      # Keys of orrery.yaml

      <!-- Written by KeysPageTest from project/Keys.java. Do not edit. -->

      With this page you can look up every key, what belongs there, and what holds without it.

      - A key that is not on this page is an error, with its line, its column and the nearest known key: `orrery check`.
      - Where a block belongs, a text is the path of a file in the project's folder that holds the block. Such a file may
        hold the keys directly, or under one top key. A Python file with one dictionary (`name = { ... }`) is read too, and
        never executed.
      - Times are written `500us`, `100ms`, `30s`, `15min`, `12h`, `14d`, `2w`, `3 months`, `2 years`; sizes `50MB`, `1GB`,
        `64KiB`; rates `1000 req/s`; shares `30%`; costs `$10K/month`. A bound may stand in front: `< 100ms`.
      - *Required* means: the block it stands in is not complete without it.
      - Editors read the same from [orrery.schema.json](orrery.schema.json) (`orrery check --schema`).

      The how-to pages show the keys in use: [data contract](../how-to/data-contract.md),
      [features](../how-to/features.md), [train and gate](../how-to/train-and-gate.md),
      [serve and roll back](../how-to/serve-and-roll-back.md),
      [monitor and retrain](../how-to/monitor-and-retrain.md).
      """;

  /// What holds where a key is not given.
  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("problem.ml_problem.success_metric", "`auc_roc`"),
          Map.entry("problem.data_requirements", "read, not judged yet"),
          Map.entry("data.NAME.key", "not used yet"),
          Map.entry("data.NAME.time", "nothing can be trained"),
          Map.entry("data.NAME.known_at", "the row's own time"),
          Map.entry("data.NAME.contract.required", "not applied yet; use `schema`"),
          Map.entry("data.NAME.contract.min_rows", "`0`"),
          Map.entry("data.NAME.contract.max_null_ratio", "`1`; by column not applied yet"),
          Map.entry("model.seed", "`0`"),
          Map.entry("model.validation", "its defaults"),
          Map.entry("model.validation.split", "`time`"),
          Map.entry("model.validation.holdout", "`4d`"),
          Map.entry("model.validation.folds", "`5`"),
          Map.entry("model.validation.folds_on_retrain", "`0`"),
          Map.entry("model.validation.rows", "`100000`"),
          Map.entry("model.candidates[].logistic_regression.l2", "`1`"),
          Map.entry("model.candidates[].logistic_regression.iterations", "`200`"),
          Map.entry("model.candidates[].lightgbm.trees", "`100`"),
          Map.entry("model.candidates[].lightgbm.leaves", "`31`"),
          Map.entry("model.candidates[].lightgbm.learning_rate", "`0.1`"),
          Map.entry("model.candidates[].lightgbm.depth", "`-1`"),
          Map.entry("model.candidates[].lightgbm.leaf_rows", "`20`"),
          Map.entry("model.candidates[].lightgbm.feature_share", "`1`"),
          Map.entry("model.candidates[].lightgbm.row_share", "`1`"),
          Map.entry("model.candidates[].lightgbm.l1", "`0`"),
          Map.entry("model.candidates[].lightgbm.l2", "`0`"),
          Map.entry("model.candidates[].lightgbm.bins", "`255`"),
          Map.entry("gates.beats", "every baseline there is"),
          Map.entry("gates.min_improvement", "`0`"),
          Map.entry("serve.endpoint", "the model's name"),
          Map.entry("serve.port", "`8080`"),
          Map.entry("serve.canary", "its defaults"),
          Map.entry("serve.canary.steps", "`[10, 50, 100]`"),
          Map.entry("serve.canary.hold", "`12h`"),
          Map.entry("serve.canary.abort_on", "`[error_rate, log_loss]`"),
          Map.entry("serve.shadow", "`none`"),
          Map.entry("monitor.every", "`1d`"),
          Map.entry("monitor.window", "`7d`"),
          Map.entry(
              "monitor.drift_metrics",
              "`psi` over 0.1, `ks_statistic` over 0.1, `unseen_categories` over 0.01"),
          Map.entry("retrain.policy", "nothing asks for a training"),
          Map.entry("retrain.cooldown", "`7d`"));

  private final StringBuilder page = new StringBuilder(HEAD);
  private final Map<Block, String> told = new IdentityHashMap<>();
  private final Set<String> used = new HashSet<>();

  private record Below(String path, Shape shape) {}

  @Test
  void the_page_of_keys_is_the_one_that_the_check_uses() throws IOException {
    tell("", Keys.PROJECT);

    assertThat(new TreeSet<>(DEFAULTS.keySet())).isEqualTo(new TreeSet<>(used));
    Golden.check("docs/reference/orrery-yaml.md", page.toString());
  }

  private void tell(String path, Block block) {
    told.put(block, path);
    page.append("\n## %s\n\n".formatted(path.isEmpty() ? "The file itself" : "`" + path + "`"));
    page.append(block.about()).append('.');
    if (!block.fileNames().isEmpty()) {
      Set<String> names = new TreeSet<>(block.fileNames());
      page.append(" The top key of a file of its own may also be `")
          .append(String.join("`, `", names))
          .append("`.");
    }
    page.append(
        "\n\n"
            + "| key | what belongs there | note, or what holds without it | meaning |\n"
            + "|---|---|---|---|\n");
    List<Below> below = new ArrayList<>();
    block
        .keys()
        .forEach((name, key) -> {
          String at = path.isEmpty() ? name : path + "." + name;
          List<Below> inner = new ArrayList<>();
          gather(at, key.shape(), inner);
          page.append(
              "| `%s` | %s | %s | %s |\n"
                  .formatted(
                      name,
                      wanted(key.shape()),
                      key.isRequired() ? "*required*" : otherwise(at),
                      meaning(key.shape())));
          below.addAll(inner);
        });
    for (Below one : below) {
      if (one.shape() instanceof Block inner && !told.containsKey(inner)) tell(one.path(), inner);
    }
  }

  private String otherwise(String path) {
    String text = DEFAULTS.get(path);
    if (text == null) return "";
    used.add(path);
    return text;
  }

  /// The blocks that may stand at a path.
  private static void gather(String path, Shape shape, List<Below> found) {
    switch (shape) {
      case Block block -> found.add(new Below(path, block));
      case Shape.Names names -> gather(path + ".NAME", names.each(), found);
      case Shape.Items items -> gather(path + "[]", items.each(), found);
      case Shape.Either either -> either.shapes().forEach(one -> gather(path, one, found));
      case Shape.Text _, Shape.Number _, Shape.Whole _, Shape.Flag _, Shape.Amount _ -> {}
    }
  }

  private String meaning(Shape shape) {
    if (!shape.about().isEmpty()) return shape.about();
    return shape instanceof Shape.Either either
        ? either.shapes().stream()
            .map(Shape::about)
            .filter(a -> !a.isEmpty())
            .findFirst()
            .orElse("")
        : "";
  }

  private static String wanted(Shape shape) {
    return switch (shape) {
      case Block _ -> "a block";
      case Shape.Names names -> "a block of names, each with " + wanted(names.each());
      case Shape.Items items -> "a list, each " + wanted(items.each());
      case Shape.Text text ->
          text.choices().isEmpty() ? "a text" : "`" + String.join("`, `", text.choices()) + "`";
      case Shape.Number number -> "a number" + range(number.min(), number.max());
      case Shape.Whole whole -> "a whole number" + range(whole.min(), whole.max());
      case Shape.Flag _ -> "`true` or `false`";
      case Shape.Amount amount ->
          amount.dimensions().size() > 1 ? "an amount with its unit, if any" : amount.wanted();
      case Shape.Either either ->
          String.join(" or ", either.shapes().stream().map(KeysPageTest::wanted).toList());
    };
  }

  private static String range(double min, double max) {
    if (min == max) return ": " + plain(min);
    boolean hasMin = Math.abs(min) < 1e9;
    boolean hasMax = Math.abs(max) < 1e9;
    if (hasMin && hasMax) return ", %s to %s".formatted(plain(min), plain(max));
    if (hasMin) return ", at least " + plain(min);
    return hasMax ? ", at most " + plain(max) : "";
  }

  private static String plain(double x) {
    return x == Math.rint(x) ? Long.toString((long) x) : Double.toString(x);
  }
}
