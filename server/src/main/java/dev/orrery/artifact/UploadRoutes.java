package dev.orrery.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.access.Permission;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.mlflow.Answer;
import dev.orrery.mlflow.Message;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `/api/v1/uploads`: uploads that go on where they broke off.
public final class UploadRoutes {
  private static final long PART_BYTES_MAX = 5L << 30;
  private static final RouteOptions PART =
      RouteOptions.streamed(PART_BYTES_MAX).withDeadline(Duration.ofHours(2));
  private static final RouteOptions COMPLETE =
      RouteOptions.in(dev.orrery.web.Lane.ARTIFACTS).withDeadline(Duration.ofHours(1));
  private static final Pattern CONTENT_DIGEST = Pattern.compile(".*\\bsha-256=:([^:]*):.*");
  private static final String OFFSET = "upload-offset";

  private final Uploads uploads;

  private UploadRoutes(Uploads uploads) {
    this.uploads = uploads;
  }

  public static void add(Routes routes, Uploads uploads) {
    var faces = new UploadRoutes(uploads);
    routes.post("/api/v1/uploads", Permission.EDIT, faces::begin);
    routes.get("/api/v1/uploads/{id}", Permission.VIEW, faces::look);
    routes.put("/api/v1/uploads/{id}?offset", Permission.EDIT, PART, faces::append);
    routes.patch("/api/v1/uploads/{id}?offset", Permission.EDIT, PART, faces::append);
    routes.post("/api/v1/uploads/{id}/complete", Permission.EDIT, COMPLETE, faces::complete);
    routes.delete(
        "/api/v1/uploads/{id}",
        Permission.EDIT,
        request -> {
          uploads.abort(request.id("id"));
          return Response.noContent();
        });
  }

  private Response begin(Request request) {
    JsonNode body = request.json();
    JsonNode size = body.path("size");
    if (!size.isMissingNode() && !size.canConvertToLong()) {
      throw bad("'size' is not a whole number", "Give the file's size in bytes, or leave it out");
    }
    Upload upload =
        uploads
            .begin(
                Upload.Kind.STREAM,
                owner(body),
                new SafePath(body.path("path").asText("")),
                request.principal().name(),
                size.isMissingNode() ? null : size.longValue())
            .upload();
    return Response.created(face(upload));
  }

  private static String owner(JsonNode body) {
    String run = body.path("run").asText("");
    String model = body.path("model").asText("");
    if (run.isEmpty() == model.isEmpty()) {
      throw bad("an upload for nobody, or for two", "Give 'run' or 'model', an id");
    }
    return run.isEmpty() ? "model/" + model : "run/" + run;
  }

  private Response look(Request request) {
    Upload upload = uploads.get(request.id("id"), Upload.Kind.STREAM);
    return Response.json(face(upload)).with(OFFSET, Long.toString(upload.received()));
  }

  private static Map<String, Object> face(Upload upload) {
    Map<String, Object> face = new LinkedHashMap<>();
    face.put("id", upload.id());
    face.put("offset", upload.received());
    Long size = upload.size();
    if (size != null) face.put("size", size);
    face.put("state", upload.state());
    face.put("path", upload.path().text());
    face.put("part_bytes_max", PART_BYTES_MAX);
    face.put("expires_at", upload.expiresAt());
    return face;
  }

  private Response append(Request request) {
    UUID id = request.id("id");
    String told = request.query("offset").or(() -> request.header(OFFSET)).orElse("");
    if (!told.matches("\\d{1,18}")) {
      throw bad(
          "'%s' is not an offset".formatted(told), "Give ?offset=N, as the last answer had it");
    }
    long offset = Long.parseLong(told);
    long now = uploads.append(id, offset, request.stream(), digest(request));
    return Response.json(Map.of("id", id, "offset", now)).with(OFFSET, Long.toString(now));
  }

  /// The digest of a part, as RFC 9530 writes it.
  private static Optional<Digest> digest(Request request) {
    String header = request.header("content-digest").orElse(null);
    if (header == null) return Optional.empty();
    Matcher found = CONTENT_DIGEST.matcher(header);
    try {
      if (found.matches()) {
        byte[] hash = Base64.getDecoder().decode(found.group(1));
        return Optional.of(new Digest(HexFormat.of().formatHex(hash)));
      }
    } catch (IllegalArgumentException | Problem e) {
      throw badDigest(header).because(e);
    }
    throw badDigest(header);
  }

  private static Problem badDigest(String header) {
    return bad(
        "Content-Digest is '%s'".formatted(header),
        "Write it as sha-256=:BASE64:, or leave it out");
  }

  private Response complete(Request request) {
    String digest = request.json().path("sha256").asText("");
    Artifact artifact = uploads.complete(request.id("id"), new Digest(digest));
    return Response.json(ArtifactRoutes.face(artifact));
  }

  /// MLflow's multipart uploads, whose parts come back to this server.
  public static void multipart(Routes routes, Uploads uploads) {
    var faces = new UploadRoutes(uploads);
    for (String prefix : List.of("/api/2.0", "/ajax-api/2.0")) {
      String base = prefix + "/mlflow-artifacts/mpu/";
      routes.post(base + "create/{path...}", Permission.EDIT, faces::createParts);
      routes.post(
          base + "complete/{path...}",
          Permission.EDIT,
          COMPLETE.withBody(4 << 20),
          faces::completeParts);
      routes.post(base + "abort/{path...}", Permission.EDIT, faces::abortParts);
      // The client sends parts without its credentials; each shows the secret of its upload.
      routes.put(base + "parts/{id}/{number}", Permission.PUBLIC, PART, faces::part);
    }
  }

  private Response createParts(Request request) {
    Message message = Message.of(request, List.of());
    long count = message.whole("num_parts", 1);
    if (count < 1 || count > Uploads.PARTS_MAX) {
      throw bad(
          "an upload of %d parts".formatted(count), "Send 1 to %d".formatted(Uploads.PARTS_MAX));
    }
    Location at = target(request, message);
    Uploads.Begun begun =
        uploads.begin(
            Upload.Kind.PARTS,
            at.owner(),
            new SafePath(at.path()),
            request.principal().name(),
            null);
    String base =
        "http://%s/api/2.0/mlflow-artifacts/mpu/parts/%s/"
            .formatted(request.authority(), begun.upload().id());
    List<Answer> credentials = new ArrayList<>((int) count);
    for (long number = 1; number <= count; number++) {
      credentials.add(
          Answer.of("url", base + number)
              .put("part_number", number)
              .put("headers", Map.of(SECRET, begun.secret())));
    }
    return answer(
        Answer.of("upload_id", begun.upload().id().toString()).put("credentials", credentials));
  }

  private static final String SECRET = "x-orrery-upload";

  /// Where the file is to lie: the folder of the URL, and the name at the end of the client's path.
  private static Location target(Request request, Message message) {
    String file = message.required("path");
    String name = file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
    Location at = Location.of(request.path("path")).at(new SafePath(name).text());
    return at;
  }

  private Response part(Request request) {
    Upload upload =
        uploads.get(request.id("id"), Upload.Kind.PARTS, request.header(SECRET).orElse(""));
    String number = request.path("number");
    if (!number.matches("\\d{1,5}")) throw bad("a part '%s'".formatted(number), "Number it");
    Upload.Part part =
        uploads.part(upload, Long.parseLong(number), request.stream(), PART_BYTES_MAX);
    return Response.json(Map.of()).with("etag", '"' + part.digest().hex() + '"');
  }

  private Response completeParts(Request request) {
    Message message = Message.of(request, List.of());
    List<Uploads.Told> parts = new ArrayList<>();
    for (Message part : message.messages("parts")) {
      parts.add(new Uploads.Told(part.requiredWhole("part_number"), part.required("etag")));
    }
    UUID id = mine(request, message);
    uploads.complete(id, parts);
    return Response.json(Map.of());
  }

  private Response abortParts(Request request) {
    Message message = Message.of(request, List.of());
    uploads.abort(mine(request, message));
    return Response.json(Map.of());
  }

  /// The upload that is named, if it is for the path that is named.
  private UUID mine(Request request, Message message) {
    String text = message.required("upload_id");
    UUID id;
    try {
      id = UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw Problem.notFound("upload", Texts.shown(text), "Begin a new one").because(e);
    }
    Upload upload = uploads.get(id, Upload.Kind.PARTS);
    Location at = target(request, message);
    boolean isItsOwn = upload.owner().equals(at.owner()) && upload.path().text().equals(at.path());
    if (!isItsOwn) throw bad("the upload %s is for another path".formatted(id), "Name its own");
    return id;
  }

  private static Response answer(Answer answer) {
    return Response.jsonBytes(Answer.bytes(answer));
  }

  private static Problem bad(String what, String remedy) {
    return new Problem(Fault.BAD_UPLOAD, Texts.shown(what), remedy);
  }
}
