package dev.orrery.tracking;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.mlflow.Answer;
import dev.orrery.mlflow.Message;
import dev.orrery.mlflow.Wire;
import dev.orrery.sql.Db;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// `/mlflow/metrics`: the points of metrics, as MLflow's clients read them.
public final class MetricRoutes {
  private static final int RUNS_MAX = 100;
  private static final int BULK_MAX = 25_000;
  private static final int STEPS_MAX = 2_500;
  private static final int PAGE_MAX = 50_000;

  private final Db db;

  private MetricRoutes(Db db) {
    this.db = db;
  }

  public static void add(Wire wire, Db db) {
    var routes = new MetricRoutes(db);
    wire.read("GET", "/mlflow/metrics/get-history", routes::history);
    wire.read("GET", "/mlflow/metrics/get-history-bulk", routes::bulk);
    wire.read("GET", "/mlflow/metrics/get-history-bulk-interval", routes::interval);
  }

  /// Without a limit everything, however much: it is read and sent piece by piece.
  private Object history(Message message) {
    String run = message.requiredRun();
    String key = message.required("metric_key");
    long max = message.whole("max_results", 0);
    if (max < 0) throw message.invalid("max_results", "It must be a positive integer");
    var history = new HistoryStream(db, run, key, message.text("page_token"));
    return max == 0 || max > PAGE_MAX ? history.whole() : history.page((int) max);
  }

  private Object bulk(Message message) {
    List<String> runs = message.texts("run_id");
    if (runs.isEmpty()) throw bad("GetMetricHistoryBulk request must specify at least one run_id");
    if (runs.size() > RUNS_MAX) {
      throw bad(
          "GetMetricHistoryBulk request cannot specify more than %d run_ids. Received %d run_ids"
              .formatted(RUNS_MAX, runs.size()));
    }
    String key = message.text("metric_key");
    if (key == null) throw bad("GetMetricHistoryBulk request must specify a metric_key");
    long max = Math.min(message.whole("max_results", BULK_MAX), BULK_MAX);
    if (max < 1) throw message.invalid("max_results", "It must be a positive integer");
    return db.read(tx -> {
      List<Answer.Part> found = new ArrayList<>();
      for (String run : new TreeSet<>(runs)) {
        int left = (int) max - found.size();
        if (left == 0) break;
        for (Metric point : MetricStore.history(tx, run, key, left, 0)) {
          found.add(json -> write(json, run, key, point));
        }
      }
      // This one answers an empty list as such.
      return Answer.of("metrics", (Answer.Part) json -> Answer.write(json, found));
    });
  }

  private Object interval(Message message) {
    List<String> runs = message.texts("run_ids");
    if (runs.isEmpty()) throw message.missing("run_ids");
    if (runs.size() > RUNS_MAX) {
      throw bad(
          "GetMetricHistoryBulkInterval request must specify at most %d run_ids. Received %d run_ids"
              .formatted(RUNS_MAX, runs.size()));
    }
    String key = message.required("metric_key");
    Long start = message.whole("start_step");
    Long end = message.whole("end_step");
    long max = message.whole("max_results", STEPS_MAX);
    if (max < 1 || max > STEPS_MAX) {
      throw bad("max_results must be between 1 and %d".formatted(STEPS_MAX));
    }
    if ((start == null) != (end == null)) {
      throw bad("If either start step or end step are specified, both must be specified");
    }
    if (start != null && end != null && start > end) {
      throw bad(
          "end_step must be greater than start_step. Found start_step=%d and end_step=%d"
              .formatted(start, end));
    }
    return db.read(tx -> {
      List<long[]> steps = runs.stream().map(run -> MetricStore.steps(tx, run, key)).toList();
      TreeSet<Long> sampled = sampled(steps, start, end, (int) max);
      List<Answer.Part> found = new ArrayList<>();
      for (String run : runs) {
        for (Metric point : MetricStore.atSteps(tx, run, key, sampled)) {
          found.add(json -> write(json, run, key, point));
        }
      }
      return Answer.of("metrics", found);
    });
  }

  /// The steps to show: evenly among those that are there, with the first and last of each run.
  static TreeSet<Long> sampled(
      List<long[]> steps, @Nullable Long start, @Nullable Long end, int max) {
    long[] all = steps.stream().flatMapToLong(Arrays::stream).sorted().distinct().toArray();
    var sampled = new TreeSet<Long>();
    if (all.length == 0) return sampled;
    long first = start == null ? 0 : start;
    long last = end == null ? all[all.length - 1] : end;
    for (long[] ofRun : steps) {
      if (ofRun.length == 0) continue;
      for (long step : new long[] {ofRun[0], ofRun[ofRun.length - 1]}) {
        if (step >= first && step <= last) sampled.add(step);
      }
    }
    long[] within = Arrays.stream(all).filter(step -> step >= first && step <= last).toArray();
    if (within.length <= max) {
      for (long step : within) sampled.add(step);
      return sampled;
    }
    double apart = (double) within.length / max;
    for (int i = 0; i < max; i++) sampled.add(within[(int) (i * apart)]);
    sampled.add(within[within.length - 1]);
    return sampled;
  }

  private static Problem bad(String what) {
    return new Problem(
        Fault.BAD_MESSAGE, what, "See the API docs for more information about request parameters");
  }

  /// A point as MLflow writes it.
  static void write(JsonGenerator json, String key, Metric point) throws IOException {
    json.writeStartObject();
    point(json, key, point);
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String run, String key, Metric point)
      throws IOException {
    json.writeStartObject();
    point(json, key, point);
    json.writeStringField("run_id", run);
    json.writeEndObject();
  }

  private static void point(JsonGenerator json, String key, Metric point) throws IOException {
    json.writeStringField("key", key);
    json.writeFieldName("value");
    Answer.number(json, point.value());
    json.writeNumberField("timestamp", point.at().toEpochMilli());
    json.writeNumberField("step", point.step());
  }
}
