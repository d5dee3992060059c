package dev.orrery.web;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// The console's files, from the folder `web/` of the class path.
///
/// All are read when the server starts, so that no path of a client ever names a file. A page's
/// path that is no file (`/p/flights`) is answered with `index.html`, whose script knows what to
/// show.
final class Console {
  private static final String INDEX = "index.html";
  private static final int COMPRESS_BYTES_MIN = 1_024;
  private static final Pattern HASHED = Pattern.compile(".*[.-][A-Za-z0-9_-]{8,}\\.[a-z0-9]+");

  /// Where programs ask: nothing below these is a page.
  private static final List<String> NOT_PAGES =
      List.of(
          "/api",
          "/ajax-api",
          "/v1",
          "/V1",
          "/v2",
          "/predict",
          "/predictions",
          "/endpoints",
          "/invocations",
          "/outcomes",
          "/metrics",
          "/health",
          "/version",
          "/assets");

  /// Pages whose last part is a name that may hold a dot (`/models/late.arrival`).
  private static final List<String> NAMED_PAGES = List.of("/models", "/runs");

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("map", "application/json"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("webmanifest", "application/manifest+json"));

  private static final String MISSING =
      """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <title>Orrery</title>
      <h1>Orrery is running</h1>
      <p>This build has no console. To build it, with Node.js and npm installed, run
      <code>mvn -pl ui,scorer,server package</code> without <code>-DskipUi</code>, and start again.</p>
      <p>Everything else works: the command line, the API under <code>/api/v1</code>, MLflow's API,
      inference, <a href="/metrics">/metrics</a> and <a href="/health">/health</a>.</p>
      """;

  private record Asset(String type, byte[] bytes, byte[] gzip, String tag, boolean hashed) {}

  private final Map<String, Asset> assets;

  private Console(Map<String, Asset> assets) {
    this.assets = assets;
  }

  static Console load() {
    return load(Console.class.getResource("/web/" + INDEX));
  }

  /// @param index where `index.html` is; null if the console was not built
  static Console load(@Nullable URL index) {
    Map<String, Asset> assets = new HashMap<>();
    if (index != null) {
      try {
        URI uri = index.toURI();
        if (uri.getScheme().equals("jar")) {
          try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
            read(jar.getPath("/web"), assets);
          }
        } else {
          read(Path.of(uri).resolveSibling(""), assets);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("the console's files cannot be read", e);
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }
    if (!assets.containsKey(INDEX)) {
      assets.put(INDEX, asset(INDEX, MISSING.getBytes(StandardCharsets.UTF_8)));
    }
    return new Console(Map.copyOf(assets));
  }

  private static void read(Path folder, Map<String, Asset> assets) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString().replace('\\', '/');
        assets.put(name, asset(name, Files.readAllBytes(file)));
      }
    }
  }

  private static Asset asset(String name, byte[] bytes) {
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    String type = TYPES.getOrDefault(ending, "application/octet-stream");
    boolean text = !type.startsWith("image/p") && !type.startsWith("font/");
    byte[] gzip = text && bytes.length >= COMPRESS_BYTES_MIN ? compress(bytes) : Body.NONE;
    boolean hashed = name.startsWith("assets/") && HASHED.matcher(name).matches();
    return new Asset(type, bytes, gzip, '"' + Digest.of(bytes).brief() + '"', hashed);
  }

  private static byte[] compress(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /// The file or page at a path that is no route.
  ///
  /// @throws Problem of kind NOT_FOUND if there is none
  Response answer(String method, Paths.Target target, Function<String, @Nullable String> headers) {
    boolean read = method.equals("GET") || method.equals("HEAD");
    String name = String.join("/", target.segments());
    Asset asset = read ? assets.get(name.isEmpty() ? INDEX : name) : null;
    if (asset == null && read && isPage(target, headers)) asset = assets.get(INDEX);
    if (asset == null) {
      throw new Problem(
          Fault.NO_SUCH_ROUTE,
          "nothing is answered at %s".formatted(Texts.shown(target.path())),
          "GET /openapi.json lists what is");
    }
    return answer(asset, headers);
  }

  private static boolean isPage(Paths.Target target, Function<String, @Nullable String> headers) {
    for (String prefix : NOT_PAGES) if (Failures.under(target.path(), prefix)) return false;
    String accept = headers.apply("accept");
    boolean named = false;
    for (String page : NAMED_PAGES) named |= Failures.under(target.path(), page);
    return (named || target.segments().getLast().indexOf('.') < 0)
        && accept != null
        && accept.contains("text/html");
  }

  private static Response answer(Asset asset, Function<String, @Nullable String> headers) {
    String accepted = headers.apply("accept-encoding");
    boolean gzip = asset.gzip.length > 0 && accepted != null && accepted.contains("gzip");
    Map<String, String> more = new HashMap<>();
    more.put("etag", asset.tag);
    more.put("vary", "accept-encoding");
    more.put("cache-control", asset.hashed ? "public, max-age=31536000, immutable" : "no-cache");
    more.put("content-security-policy", Headers.CONSOLE_POLICY);
    more.put("x-frame-options", "DENY");
    String known = headers.apply("if-none-match");
    if (known != null && known.contains(asset.tag)) {
      return new Response(304, "", Body.NONE, Map.copyOf(more));
    }
    if (gzip) more.put("content-encoding", "gzip");
    return new Response(200, asset.type, gzip ? asset.gzip : asset.bytes, Map.copyOf(more));
  }
}
