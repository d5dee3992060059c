package dev.orrery.artifact;

import dev.orrery.access.Permission;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `/api/v1/runs/{id}/artifacts` and `/api/v1/logged-models/{id}/artifacts`: files for the console
/// and the command line.
public final class ArtifactRoutes {
  private static final RouteOptions UPLOAD =
      RouteOptions.streamed(ArtifactWire.FILE_BYTES_MAX).withDeadline(Duration.ofHours(12));

  private final Artifacts artifacts;

  private ArtifactRoutes(Artifacts artifacts) {
    this.artifacts = artifacts;
  }

  public static void add(Routes routes, Artifacts artifacts) {
    var faces = new ArtifactRoutes(artifacts);
    faces.add(routes, "/api/v1/runs/{id}/artifacts", "run/");
    faces.add(routes, "/api/v1/logged-models/{id}/artifacts", "model/");
  }

  private void add(Routes routes, String base, String kind) {
    routes.get(base + "?path", Permission.VIEW, request -> list(request, kind));
    String file = base + "/files/{path...}";
    routes.get(
        file,
        Permission.VIEW,
        Downloads.OPTIONS,
        request -> Downloads.of(request, artifacts, find(request, kind)));
    routes.put(file, Permission.EDIT, UPLOAD, request -> put(request, kind));
    routes.delete(
        file,
        Permission.EDIT,
        request -> {
          String owner = kind + request.path("id");
          if (artifacts.delete(owner, request.path("path")) == 0) {
            throw Artifacts.missing(owner, request.path("path"));
          }
          return Response.noContent();
        });
    routes.get(
        base + "/preview/{path...}",
        Permission.VIEW,
        Downloads.OPTIONS,
        request -> Preview.of(artifacts, find(request, kind)));
  }

  private Artifact find(Request request, String kind) {
    return artifacts.get(kind + request.path("id"), request.path("path"));
  }

  private Response list(Request request, String kind) {
    String owner = kind + request.path("id");
    artifacts.requireOwner(owner);
    List<Map<String, Object>> files =
        artifacts.list(owner, request.query("path", "")).stream()
            .map(ArtifactRoutes::face)
            .toList();
    return Response.json(Map.of("files", files));
  }

  private static Map<String, Object> face(Entry entry) {
    Map<String, Object> face = new LinkedHashMap<>();
    face.put("path", entry.path());
    face.put("is_dir", entry.isDir());
    if (entry.size() != null) face.put("size", entry.size());
    if (entry.digest() != null) face.put("digest", entry.digest().hex());
    return face;
  }

  private Response put(Request request, String kind) {
    artifacts.requireRoom(request.header("content-length").orElse("0"));
    return Response.json(
        face(artifacts.put(kind + request.path("id"), request.path("path"), request.stream())));
  }

  static Map<String, Object> face(Artifact artifact) {
    return face(Entry.file(artifact));
  }
}
