package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.mlflow.KeyRules;
import dev.orrery.mlflow.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/// What a client notes of a run in one call, read and checked whole: nothing of it is written if
/// anything of it is wrong.
///
/// @param metrics points for the run
/// @param ofModels those of them that were measured of a logged model
record Batch(
    List<Metric> metrics,
    List<ModelMetric> ofModels,
    SequencedMap<String, String> params,
    SequencedMap<String, String> tags) {
  private static final int METRICS_MAX = 1_000;
  private static final int TEXTS_MAX = 100;
  private static final int ALL_MAX = 1_000;
  private static final int BYTES_MAX = 1_000_000;

  /// The message of `runs/log-batch`.
  static Batch of(Message message) {
    int bytes = message.request().body().length;
    if (bytes > BYTES_MAX) {
      throw tooLarge(
          "Batched logging API requests must be at most %d bytes, got a request of size %d"
              .formatted(BYTES_MAX, bytes));
    }
    String run = message.requiredRun();
    List<Message> metrics = message.messages("metrics");
    List<Message> params = message.messages("params");
    List<Message> tags = message.messages("tags");
    checkSize("metrics", METRICS_MAX, metrics.size());
    checkSize("params", TEXTS_MAX, params.size());
    checkSize("tags", TEXTS_MAX, tags.size());
    checkSize("metrics, params, and tags", ALL_MAX, metrics.size() + params.size() + tags.size());
    var batch =
        new Batch(
            new ArrayList<>(metrics.size()),
            new ArrayList<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>());
    metrics.forEach(metric -> batch.addMetric(metric, run));
    Set<String> twice = new LinkedHashSet<>();
    for (Message param : params) {
      String key = paramKey(param);
      if (batch.params.put(key, paramValue(param)) != null) twice.add(key);
    }
    if (!twice.isEmpty()) throw twice(twice);
    tags.forEach(tag -> batch.tags.putLast(tagKey(tag), tagValue(tag)));
    return batch;
  }

  /// The message of `runs/log-metric`.
  static Batch metric(Message message) {
    var batch = empty();
    batch.addMetric(message, message.requiredRun());
    return batch;
  }

  /// The message of `runs/log-parameter`.
  static Batch param(Message message) {
    message.requiredRun();
    var batch = empty();
    batch.params.put(paramKey(message), paramValue(message));
    return batch;
  }

  /// The message of `runs/set-tag`.
  static Batch tag(Message message) {
    message.requiredRun();
    var batch = empty();
    batch.tags.put(tagKey(message), tagValue(message));
    return batch;
  }

  /// The tags of a message, such as that of `runs/create`.
  static SequencedMap<String, String> tags(Message message) {
    var batch = empty();
    message.messages("tags").forEach(tag -> batch.tags.putLast(tagKey(tag), tagValue(tag)));
    return batch.tags;
  }

  private static Batch empty() {
    return new Batch(
        new ArrayList<>(1), new ArrayList<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
  }

  private void addMetric(Message message, String run) {
    String key = message.required("key");
    double value = message.requiredNumber("value");
    long timestamp = message.requiredWhole("timestamp");
    KeyRules.check(key, message.path("name"));
    if (timestamp < 0) {
      throw message.invalid(
          "timestamp",
          "metric '%s' (value=%s). Timestamp must be a nonnegative long (64-bit integer)"
              .formatted(Texts.shown(key), value));
    }
    KeyRules.checkLength(key, KeyRules.KEY_MAX, "Metric name");
    var metric = new Metric(key, value, message.whole("step", 0), Instant.ofEpochMilli(timestamp));
    metrics.add(metric);
    String model = message.text("model_id", "");
    if (!model.isEmpty()) {
      ofModels.add(
          new ModelMetric(
              model, run, metric, message.text("dataset_name"), message.text("dataset_digest")));
    }
  }

  private static String paramKey(Message message) {
    String key = message.required("key");
    KeyRules.check(key, message.path("key"), "Param key");
    return key;
  }

  private static String paramValue(Message message) {
    return KeyRules.truncated(message.text("value", ""), Words.PARAM_MAX);
  }

  private static String tagKey(Message message) {
    String key = message.required("key");
    KeyRules.check(key, message.path("key"), message.path("key"));
    return key;
  }

  private static String tagValue(Message message) {
    return KeyRules.truncated(message.text("value", ""), Words.TAG_MAX);
  }

  private static void checkSize(String noun, int max, int size) {
    if (size > max) {
      throw tooLarge(
          "A batch logging request can contain at most %d %s. Got %d %s"
              .formatted(max, noun, size, noun));
    }
  }

  private static Problem tooLarge(String what) {
    return new Problem(
        Fault.BATCH_TOO_LARGE, what, "Please split it up across multiple requests and try again");
  }

  private static Problem twice(Set<String> keys) {
    return new Problem(
        Fault.BAD_MESSAGE,
        "Duplicate parameter keys have been submitted: ['%s']"
            .formatted(Texts.shown(String.join("', '", keys))),
        "Please ensure the request contains only one param value per param key");
  }
}
