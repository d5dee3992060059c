package dev.orrery.artifact;

import dev.orrery.base.Problem;
import dev.orrery.blob.BlobReader;
import dev.orrery.web.Lane;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Answers with a file: whole or a range of it, to be saved and not shown.
final class Downloads {
  static final RouteOptions OPTIONS = RouteOptions.in(Lane.ARTIFACTS);

  private Downloads() {}

  static Response of(Request request, Artifacts artifacts, Artifact artifact) {
    String etag = '"' + artifact.digest().hex() + '"';
    String name = artifact.path().substring(artifact.path().lastIndexOf('/') + 1);
    boolean isKnown =
        request.header("if-none-match").filter(known -> names(known, etag)).isPresent();
    if (isKnown) return headed(new Response(304, "", new byte[0], Map.of()), etag);
    // A range of another state of the file than the reader has would not fit to what it has.
    boolean fits = request.header("if-range").map(etag::equals).orElse(true);
    Range range = Range.of(fits ? request.header("range").orElse(null) : null, artifact.size());
    String type = ContentTypes.of(name);
    Response response =
        switch (range) {
          case Range.Whole _ -> part(artifacts, artifact, 200, type, 0, artifact.size());
          case Range.Part part ->
              part(artifacts, artifact, 206, type, part.from(), part.length())
                  .with(
                      "content-range",
                      "bytes %d-%d/%d".formatted(part.from(), part.to(), artifact.size()));
          case Range.Outside _ ->
              new Response(416, "", new byte[0], Map.of())
                  .with("content-range", "bytes */" + artifact.size());
        };
    return headed(response, etag).with("content-disposition", attachment(name));
  }

  private static Response headed(Response response, String etag) {
    return response
        .with("etag", etag)
        .with("accept-ranges", "bytes")
        .with("cache-control", "private, no-cache");
  }

  private static boolean names(String header, String etag) {
    return List.of(header.split("\\s*,\\s*")).stream()
        .anyMatch(known -> known.equals("*") || known.replaceFirst("^W/", "").equals(etag));
  }

  private static Response part(
      Artifacts artifacts, Artifact artifact, int status, String type, long from, long length) {
    return Response.counted(
        status, type, length, () -> new Reading(artifact, artifacts.reader(artifact), from));
  }

  /// A header that names a file in every browser, and can break out of none.
  static String attachment(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9._ -]", "_");
    if (plain.equals(name)) {
      return name.contains(" ")
          ? "attachment; filename=\"%s\"".formatted(name)
          : "attachment; filename=" + name;
    }
    String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    return String.format(
        Locale.ROOT, "attachment; filename=\"%s\"; filename*=UTF-8''%s", plain, encoded);
  }

  /// A file from one place on.
  private static final class Reading implements Response.Source {
    private final Artifact artifact;
    private final BlobReader reader;
    private long at;

    Reading(Artifact artifact, BlobReader reader, long from) {
      this.artifact = artifact;
      this.reader = reader;
      this.at = from;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      try {
        int read = reader.read(at, into);
        if (read > 0) at += read;
        return read;
      } catch (Problem problem) {
        throw Artifacts.told(artifact, problem);
      }
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
