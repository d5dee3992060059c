package dev.orrery.client;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The registry: models, their versions, stages, aliases and tags.
public final class Models {
  private static final String MODELS = "/registered-models/";
  private static final String VERSIONS = "/model-versions/";

  private final Http http;
  private final Artifacts artifacts;

  Models(Http http, Artifacts artifacts) {
    this.http = http;
    this.artifacts = artifacts;
  }

  public RegisteredModel create(String name, String description, Map<String, String> tags) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", name);
    if (!description.isEmpty()) body.put("description", description);
    body.put("tags", Pairs.of(tags));
    return model(http.post(MODELS + "create", body));
  }

  public RegisteredModel get(String name) {
    return model(http.get(MODELS + "get", Map.of("name", name)));
  }

  public Optional<RegisteredModel> find(String name) {
    try {
      return Optional.of(get(name));
    } catch (OrreryException e) {
      if (e.isNotFound()) return Optional.empty();
      throw e;
    }
  }

  public Page<RegisteredModel> search(Search search) {
    return Page.of(
        http.get(MODELS + "search", search.fields()), "registered_models", RegisteredModel::of);
  }

  /// Everything a search finds, page by page.
  public List<RegisteredModel> all(Search search) {
    return Page.all(token -> search(search.page(token)));
  }

  public void describe(String name, String description) {
    http.patch(MODELS + "update", Map.of("name", name, "description", description));
  }

  public void rename(String name, String later) {
    http.post(MODELS + "rename", Map.of("name", name, "new_name", later));
  }

  /// Deletes a model with all its versions, for good.
  public void delete(String name) {
    http.delete(MODELS + "delete", Map.of("name", name));
  }

  public void tag(String name, String key, String value) {
    http.post(MODELS + "set-tag", Map.of("name", name, "key", key, "value", value));
  }

  public void untag(String name, String key) {
    http.delete(MODELS + "delete-tag", Map.of("name", name, "key", key));
  }

  /// Registers what a run has stored at a path as the next version; the model is made if it is not
  /// there.
  public ModelVersion register(String name, Run run, String path) {
    try {
      create(name, "", Map.of());
    } catch (OrreryException e) {
      if (!e.isTaken()) throw e;
    }
    return createVersion(name, run.artifactUri() + "/" + path, run.id(), "", Map.of());
  }

  /// The next version of a model, of files at an address.
  ///
  /// @param run the run that made them; may be empty
  public ModelVersion createVersion(
      String name, String source, String run, String description, Map<String, String> tags) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", name);
    body.put("source", source);
    if (!run.isEmpty()) body.put("run_id", run);
    if (!description.isEmpty()) body.put("description", description);
    body.put("tags", Pairs.of(tags));
    return version(http.post(VERSIONS + "create", body));
  }

  public ModelVersion version(String name, String number) {
    return version(http.get(VERSIONS + "get", Map.of("name", name, "version", number)));
  }

  public Page<ModelVersion> searchVersions(Search search) {
    return Page.of(
        http.get(VERSIONS + "search", search.fields()), "model_versions", ModelVersion::of);
  }

  /// All versions of a model, newest first.
  public List<ModelVersion> versions(String name) {
    Search search =
        Search.filter("name = '" + name.replace("'", "''") + "'").order("version_number DESC");
    return Page.all(token -> searchVersions(search.page(token)));
  }

  /// The newest version of each stage, or of those named.
  public List<ModelVersion> latest(String name, String... stages) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", name);
    if (stages.length > 0) body.put("stages", List.of(stages));
    return http.post(MODELS + "get-latest-versions", body).list("model_versions", ModelVersion::of);
  }

  public void describeVersion(String name, String number, String description) {
    Map<String, String> body = Map.of("name", name, "version", number, "description", description);
    http.patch(VERSIONS + "update", body);
  }

  public void deleteVersion(String name, String number) {
    http.delete(VERSIONS + "delete", Map.of("name", name, "version", number));
  }

  public void tagVersion(String name, String number, String key, String value) {
    http.post(
        VERSIONS + "set-tag", Map.of("name", name, "version", number, "key", key, "value", value));
  }

  public void untagVersion(String name, String number, String key) {
    http.delete(VERSIONS + "delete-tag", Map.of("name", name, "version", number, "key", key));
  }

  /// Moves a version to a stage; what stands there stays beside it.
  public ModelVersion stage(String name, String number, String stage) {
    return move(name, number, stage, false);
  }

  /// Moves a version to Staging or Production, and archives what stands there.
  public ModelVersion promote(String name, String number, String stage) {
    return move(name, number, stage, true);
  }

  private ModelVersion move(String name, String number, String stage, boolean archives) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", name);
    body.put("version", number);
    body.put("stage", stage);
    body.put("archive_existing_versions", archives);
    return version(http.post(VERSIONS + "transition-stage", body));
  }

  /// Points an alias, such as `champion`, at a version.
  public void alias(String name, String alias, String number) {
    http.post(MODELS + "alias", Map.of("name", name, "alias", alias, "version", number));
  }

  public ModelVersion byAlias(String name, String alias) {
    return version(http.get(MODELS + "alias", Map.of("name", name, "alias", alias)));
  }

  public void unalias(String name, String alias) {
    http.delete(MODELS + "alias", Map.of("name", name, "alias", alias));
  }

  /// Where the files of a version are.
  public String downloadUri(String name, String number) {
    Map<String, String> query = Map.of("name", name, "version", number);
    return http.get(VERSIONS + "get-download-uri", query).text("artifact_uri");
  }

  /// Brings the files of a version into a folder of this machine.
  public Path download(String name, String number, Path target) {
    return artifacts.downloadUri(downloadUri(name, number), target);
  }

  private static RegisteredModel model(Fields answer) {
    return RegisteredModel.of(answer.object("registered_model"));
  }

  private static ModelVersion version(Fields answer) {
    return ModelVersion.of(answer.object("model_version"));
  }
}
