package dev.orrery.client;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Logged models: made by a run, filled with files, then ready.
public final class LoggedModels {
  private static final String PATH = "/logged-models";
  private static final int PARAMS_MAX = 100;

  private final Http http;
  private final Artifacts artifacts;

  LoggedModels(Http http, Artifacts artifacts) {
    this.http = http;
    this.artifacts = artifacts;
  }

  /// Begins a model; it is pending until [#ready].
  ///
  /// @param run the run that makes it; may be empty
  public LoggedModel create(
      String experiment, String name, String run, String type, Map<String, String> params) {
    List<Map<String, String>> all = Pairs.of(params);
    List<Map<String, String>> first = all.subList(0, Math.min(PARAMS_MAX, all.size()));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("experiment_id", experiment);
    body.put("name", name);
    if (!run.isEmpty()) body.put("source_run_id", run);
    if (!type.isEmpty()) body.put("model_type", type);
    body.put("params", first);
    LoggedModel made = model(http.post(PATH, body));
    for (int from = PARAMS_MAX; from < all.size(); from += PARAMS_MAX) {
      List<Map<String, String>> more = all.subList(from, Math.min(from + PARAMS_MAX, all.size()));
      http.post(PATH + "/" + made.id() + "/params", Map.of("params", more));
    }
    return all.size() > PARAMS_MAX ? get(made.id()) : made;
  }

  /// Makes a model of the files in a folder, and says that it is ready.
  public LoggedModel log(Run run, String name, Path folder, Map<String, String> params) {
    LoggedModel made = create(run.experimentId(), name, run.id(), "", params);
    try {
      artifacts.uploadFolder(made.id(), "", folder);
    } catch (RuntimeException e) {
      failed(made.id());
      throw e;
    }
    return ready(made.id());
  }

  public LoggedModel get(String id) {
    return model(http.get(PATH + "/" + id, Map.of()));
  }

  /// Says that all files of a model are there.
  public LoggedModel ready(String id) {
    return end(id, "LOGGED_MODEL_READY");
  }

  /// Says that a model did not become whole.
  public LoggedModel failed(String id) {
    return end(id, "LOGGED_MODEL_UPLOAD_FAILED");
  }

  private LoggedModel end(String id, String status) {
    return model(http.patch(PATH + "/" + id, Map.of("model_id", id, "status", status)));
  }

  /// Models of some experiments, by MLflow's grammar: `metrics.auc > 0.8 and params.p = 'x'`.
  public List<LoggedModel> search(List<String> experiments, String filter) {
    return Page.all(token -> {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("experiment_ids", experiments);
      if (!filter.isEmpty()) body.put("filter", filter);
      token.ifPresent(text -> body.put("page_token", text));
      return Page.of(http.post(PATH + "/search", body), "models", LoggedModel::of);
    });
  }

  public void tag(String id, Map<String, String> tags) {
    List<Map<String, String>> pairs = new ArrayList<>(Pairs.of(tags));
    http.patch(PATH + "/" + id + "/tags", Map.of("model_id", id, "tags", pairs));
  }

  public void untag(String id, String key) {
    http.delete(PATH + "/" + id + "/tags" + Http.path(key), Map.of());
  }

  public void delete(String id) {
    http.delete(PATH + "/" + id, Map.of());
  }

  /// Brings the files of a model into a folder of this machine.
  public Path download(String id, Path target) {
    return artifacts.downloadFolder(id, "", target);
  }

  private static LoggedModel model(Fields answer) {
    return LoggedModel.of(answer.object("model"));
  }
}
