package dev.orrery.tracking;

import dev.orrery.base.Digest;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// All SQL of what runs read and made: datasets and logged models.
final class InputStore {
  private static final int RUNS_MAX = 1_000;

  /// A dataset as a summary tells it.
  record Summary(String experiment, String name, String digest, @Nullable String context) {}

  private record Tagged(String run, String dataset, String name, String value) {}

  private record Input(String run, String id, DatasetInput dataset) {}

  private record Linked(String run, RunModel model) {}

  private InputStore() {}

  /// Notes that a run read a dataset; one it read already stays as it was.
  static void putDataset(Tx tx, String run, String experiment, DatasetInput input) {
    String key = String.join("\n", experiment, input.name(), input.digest());
    String id = Digest.of(key).hex().substring(0, 32);
    tx.update(
        """
        insert into logged_dataset
          (id, experiment, name, digest, source_type, source, shape, profile)
        values (?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (experiment, name, digest) do nothing
        """,
        id,
        Long.parseLong(experiment),
        input.name(),
        input.digest(),
        input.sourceType(),
        input.source(),
        input.schema(),
        input.profile());
    int added =
        tx.update(
            """
            insert into run_input (run, dataset)
            values (?, ?)
            on conflict (run, dataset) do nothing
            """,
            run,
            id);
    if (added == 0) return;
    Function<Map.Entry<String, String>, @Nullable Object[]> row =
        tag -> new Object[] {run, id, tag.getKey(), tag.getValue()};
    tx.batch(
        "insert into run_input_tag (run, dataset, name, value) values (?, ?, ?, ?)",
        input.tags().entrySet().stream().map(row).toList());
  }

  static void putModels(Tx tx, String run, List<RunModel> models) {
    Function<RunModel, @Nullable Object[]> row =
        model -> new Object[] {run, model.role(), model.model(), model.step()};
    tx.batch(
        """
        insert into run_model (run, role, model, step)
        values (?, ?, ?, ?)
        on conflict (run, role, model) do update set step = excluded.step
        """,
        models.stream().map(row).toList());
  }

  /// What each of these runs read; runs that read nothing are not there.
  static Map<String, List<DatasetInput>> datasets(Tx tx, List<String> runs) {
    var found = new LinkedHashMap<String, List<DatasetInput>>();
    for (int from = 0; from < runs.size(); from += RUNS_MAX) {
      datasets(tx, runs.subList(from, Math.min(runs.size(), from + RUNS_MAX)), found);
    }
    return found;
  }

  private static void datasets(Tx tx, List<String> runs, Map<String, List<DatasetInput>> found) {
    Object[] ids = runs.toArray();
    var tags = new LinkedHashMap<String, SortedMap<String, String>>();
    tx.query(
            "select run, dataset, name, value from run_input_tag where run in ("
                + marks(runs)
                + ")",
            row ->
                new Tagged(
                    row.text("run"), row.text("dataset"), row.text("name"), row.text("value")),
            ids)
        .forEach(tag ->
            tags.computeIfAbsent(tag.run() + ' ' + tag.dataset(), _ -> new TreeMap<>())
                .put(tag.name(), tag.value()));
    tx.query(
            "select i.run, d.id, d.name, d.digest, d.source_type, d.source, d.shape, d.profile "
                + "from run_input i join logged_dataset d on d.id = i.dataset "
                + "where i.run in ("
                + marks(runs)
                + ") order by i.run, d.name, d.digest",
            row -> input(row, tags),
            ids)
        .forEach(input ->
            found.computeIfAbsent(input.run(), _ -> new ArrayList<>()).add(input.dataset()));
  }

  /// The models that each of these runs took and made.
  static Map<String, List<RunModel>> models(Tx tx, List<String> runs) {
    var found = new LinkedHashMap<String, List<RunModel>>();
    for (int from = 0; from < runs.size(); from += RUNS_MAX) {
      models(tx, runs.subList(from, Math.min(runs.size(), from + RUNS_MAX)), found);
    }
    return found;
  }

  private static void models(Tx tx, List<String> runs, Map<String, List<RunModel>> found) {
    tx.query(
            "select run, role, model, step from run_model where run in ("
                + marks(runs)
                + ") order by run, role, step, model",
            row ->
                new Linked(
                    row.text("run"),
                    new RunModel(
                        row.text("model"),
                        RunModel.Role.valueOf(row.text("role")),
                        row.whole("step"))),
            runs.toArray())
        .forEach(
            link -> found.computeIfAbsent(link.run(), _ -> new ArrayList<>()).add(link.model()));
  }

  static List<Summary> summaries(Tx tx, List<Long> experiments, int limit) {
    var args = new ArrayList<Object>();
    args.add(DatasetInput.CONTEXT_TAG);
    args.addAll(experiments);
    args.add(limit);
    return tx.query(
        "select distinct d.experiment, d.name, d.digest, t.value from logged_dataset d "
            + "join run_input i on i.dataset = d.id "
            + "left join run_input_tag t on t.run = i.run and t.dataset = d.id and t.name = ? "
            + "where d.experiment in ("
            + marks(experiments)
            + ") order by d.name, d.digest, t.value limit ?",
        row ->
            new Summary(
                Long.toString(row.whole("experiment")),
                row.text("name"),
                row.text("digest"),
                row.textOrNull("value")),
        args.toArray());
  }

  /// Removes what runs read and made, before the runs go.
  static void forget(Tx tx, String run) {
    tx.update("delete from run_input_tag where run = ?", run);
    tx.update("delete from run_input where run = ?", run);
    tx.update("delete from run_model where run = ?", run);
  }

  /// Removes datasets that no run read; how many.
  static int sweep(Tx tx) {
    return tx.update(
        """
        delete from logged_dataset
        where not exists (select 1 from run_input i where i.dataset = logged_dataset.id)
        """);
  }

  static String marks(List<?> of) {
    return String.join(", ", Collections.nCopies(of.size(), "?"));
  }

  private static Input input(Row row, Map<String, SortedMap<String, String>> tags) {
    String run = row.text("run");
    String id = row.text("id");
    return new Input(
        run,
        id,
        new DatasetInput(
            row.text("name"),
            row.text("digest"),
            row.text("source_type"),
            row.text("source"),
            row.textOrNull("shape"),
            row.textOrNull("profile"),
            tags.getOrDefault(run + ' ' + id, new TreeMap<>())));
  }
}
