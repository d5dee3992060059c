package dev.orrery.artifact;

import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.mlflow.Answer;
import dev.orrery.mlflow.Message;
import dev.orrery.mlflow.Wire;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.time.Duration;
import java.util.List;

/// Files as MLflow's clients ask for them: the proxy `mlflow-artifacts`, and the lists and
/// downloads of its pages.
public final class ArtifactWire {
  /// The largest file.
  static final long FILE_BYTES_MAX = 256L << 30;

  private static final List<String> PREFIXES = List.of("/api/2.0", "/ajax-api/2.0");
  private static final RouteOptions UPLOAD =
      RouteOptions.streamed(FILE_BYTES_MAX).withDeadline(Duration.ofHours(12));

  private final Artifacts artifacts;
  private final Locations locations;

  private ArtifactWire(Artifacts artifacts, Locations locations) {
    this.artifacts = artifacts;
    this.locations = locations;
  }

  public static void add(Routes routes, Wire wire, Artifacts artifacts, Locations locations) {
    var faces = new ArtifactWire(artifacts, locations);
    wire.read("GET", "/mlflow-artifacts/artifacts", faces::proxyList);
    for (String prefix : PREFIXES) {
      String proxy = prefix + "/mlflow-artifacts/artifacts/{path...}";
      routes.get(proxy, Permission.VIEW, Downloads.OPTIONS, faces::proxyGet);
      routes.put(proxy, Permission.EDIT, UPLOAD, faces::proxyPut);
      routes.delete(proxy, Permission.EDIT, Downloads.OPTIONS, faces::proxyDelete);
    }
    wire.read("GET", "/mlflow/artifacts/list", faces::listRun);
    wire.read(
        "GET",
        "/mlflow/logged-models/{model_id}/artifacts/directories",
        message -> {
          String root = locations.model(message.required("model_id"));
          return faces.list(root, message.text("artifact_directory_path", ""));
        });
    routes.get(
        "/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files",
        Permission.VIEW,
        Downloads.OPTIONS,
        request ->
            faces.download(
                request,
                locations.model(request.path("model_id")),
                required(request, "artifact_file_path")));
    routes.get("/get-artifact", Permission.VIEW, Downloads.OPTIONS, faces::getArtifact);
    routes.get(
        "/model-versions/get-artifact",
        Permission.VIEW,
        Downloads.OPTIONS,
        request ->
            faces.download(
                request,
                locations.version(required(request, "name"), required(request, "version")),
                required(request, "path")));
    routes.post(
        "/ajax-api/2.0/mlflow/upload-artifact", Permission.EDIT, UPLOAD, faces::uploadArtifact);
  }

  private Object proxyList(Message message) {
    Location at = Location.of(folder(message.text("path", "")));
    return Answer.of(
        "files",
        artifacts.list(at.owner(), at.path()).stream()
            .map(entry -> entry(entry, entry.name()))
            .toList());
  }

  private Response proxyGet(Request request) {
    Location at = Location.of(request.path("path"));
    return file(request, at);
  }

  private Response file(Request request, Location at) {
    if (at.path().isEmpty()) throw Artifacts.missing(at.owner(), "");
    return Downloads.of(request, artifacts, artifacts.get(at.owner(), at.path()));
  }

  private Response proxyPut(Request request) {
    return put(request, Location.of(request.path("path")));
  }

  private Response put(Request request, Location at) {
    if (at.path().isEmpty()) {
      throw new Problem(
          Fault.BAD_ARTIFACT_PATH,
          "Invalid path: it names no file below %s".formatted(at.owner()),
          "Add the file's name");
    }
    artifacts.requireRoom(request.header("content-length").orElse("0"));
    artifacts.put(at.owner(), at.path(), request.stream());
    return Response.json(java.util.Map.of());
  }

  private Response proxyDelete(Request request) {
    String path = request.path("path");
    // The client asks for all files of a run with a slash behind 'artifacts'.
    Location at = Location.of(path.endsWith("/artifacts/") ? folder(path) : path);
    int deleted =
        at.path().isEmpty()
            ? artifacts.deleteAll(at.owner())
            : artifacts.delete(at.owner(), at.path());
    if (deleted == 0 && !at.path().isEmpty()) throw Artifacts.missing(at.owner(), at.path());
    return Response.json(java.util.Map.of());
  }

  /// A folder may be written with a slash at its end.
  private static String folder(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private Object listRun(Message message) {
    return list(locations.run(message.requiredRun()), message.text("path", ""));
  }

  private Answer list(String root, String path) {
    Location top = Location.ofUri(root);
    if (!path.isEmpty()) path = new SafePath(folder(path)).text();
    String below = top.path().isEmpty() ? "" : top.path() + "/";
    return Answer.of("root_uri", root)
        .put(
            "files",
            artifacts.list(top.owner(), top.at(path).path()).stream()
                .map(entry -> entry(entry, entry.path().substring(below.length())))
                .toList());
  }

  private static Answer entry(Entry entry, String path) {
    return Answer.of("path", path).put("is_dir", entry.isDir()).put("file_size", entry.size());
  }

  private Response getArtifact(Request request) {
    String run = request.query("run_id").or(() -> request.query("run_uuid")).orElse("");
    if (run.isEmpty()) run = required(request, "run_id");
    return download(request, locations.run(run), required(request, "path"));
  }

  private Response download(Request request, String root, String path) {
    return file(request, Location.ofUri(root).at(new SafePath(path).text()));
  }

  private Response uploadArtifact(Request request) {
    Location root = Location.ofUri(locations.run(required(request, "run_uuid")));
    return put(request, root.at(new SafePath(required(request, "path")).text()));
  }

  static String required(Request request, String name) {
    String value = request.query(name).orElse(null);
    if (value == null || value.isEmpty()) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "Missing value for required parameter '%s'".formatted(name),
          "Give it in the query");
    }
    return value;
  }
}
