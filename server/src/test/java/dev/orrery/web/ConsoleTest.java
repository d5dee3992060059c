package dev.orrery.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How the console's files are served.
class ConsoleTest {
  private static final String PAGE = "<!doctype html><title>Console</title>";
  private static final String SCRIPT = "console.log(1);\n".repeat(200);

  @TempDir private Path folder;
  private Console console;

  @BeforeEach
  void build() throws IOException {
    Files.writeString(folder.resolve("index.html"), PAGE);
    Files.writeString(folder.resolve("favicon.svg"), "<svg/>");
    Files.createDirectory(folder.resolve("assets"));
    Files.writeString(folder.resolve("assets/index-B5x9aKq2.js"), SCRIPT);
    console = Console.load(folder.resolve("index.html").toUri().toURL());
  }

  private Response get(String path, Map<String, String> headers) {
    return console.answer("GET", Paths.target(path), headers::get);
  }

  @Test
  void pages_get_the_index_and_its_strict_policy() {
    for (String path :
        new String[] {
          "/",
          "/index.html",
          "/p/flights",
          "/runs",
          "/runs/0f3a",
          "/compare",
          "/models",
          "/models/late.arrival",
          "/p/a/b/c"
        }) {
      Response response = get(path, Map.of("accept", "text/html,*/*"));
      assertThat(new String(response.body(), StandardCharsets.UTF_8)).isEqualTo(PAGE);
      assertThat(response.contentType()).isEqualTo("text/html; charset=utf-8");
      assertThat(response.headers()).containsEntry("cache-control", "no-cache");
      assertThat(response.headers().get("content-security-policy"))
          .contains("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'")
          .doesNotContain("unsafe");
    }
  }

  @Test
  void programs_and_files_never_get_a_page() {
    Map<String, String> browser = Map.of("accept", "text/html");
    for (String path :
        new String[] {
          "/api/v1/x",
          "/api",
          "/v2/models",
          "/predict/x",
          "/assets/old-12345678.js",
          "/x.png",
          "/assets",
          "/metrics/x"
        }) {
      assertThatThrownBy(() -> get(path, browser)).as(path).isInstanceOf(Problem.class);
    }
    assertThatThrownBy(() -> get("/p/flights", Map.of("accept", "application/json")))
        .isInstanceOf(Problem.class);
    assertThatThrownBy(
            () -> console.answer("POST", Paths.target("/"), Map.<String, String>of()::get))
        .isInstanceOf(Problem.class);
  }

  @Test
  void hashed_files_are_kept_for_ever_and_compressed() throws IOException {
    Response plain = get("/assets/index-B5x9aKq2.js", Map.of());
    assertThat(new String(plain.body(), StandardCharsets.UTF_8)).isEqualTo(SCRIPT);
    assertThat(plain.contentType()).isEqualTo("text/javascript; charset=utf-8");
    assertThat(plain.headers().get("cache-control")).contains("immutable");
    Response packed =
        get("/assets/index-B5x9aKq2.js", Map.of("accept-encoding", "gzip, deflate, br"));
    assertThat(packed.headers()).containsEntry("content-encoding", "gzip");
    try (var in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(SCRIPT);
    }
    assertThat(get("/favicon.svg", Map.of()).headers()).containsEntry("cache-control", "no-cache");
  }

  @Test
  void a_known_tag_is_304() {
    String tag = get("/", Map.of()).headers().get("etag");
    Response again = get("/", Map.of("if-none-match", "W/" + tag));
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(get("/", Map.of("if-none-match", "\"other\"")).status()).isEqualTo(200);
  }

  @Test
  void it_is_read_from_a_jar_as_well() throws IOException {
    Path jar = folder.resolve("ui.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new ZipEntry("web/index.html"));
      out.write(PAGE.getBytes(StandardCharsets.UTF_8));
    }
    var url = java.net.URI.create("jar:" + jar.toUri() + "!/web/index.html").toURL();
    console = Console.load(url);
    assertThat(get("/", Map.of()).body()).hasSize(PAGE.length());
  }

  @Test
  void without_a_console_a_page_says_how_to_build_it() {
    console = Console.load(null);
    assertThat(new String(get("/", Map.of()).body(), StandardCharsets.UTF_8))
        .contains("mvn -pl ui,scorer,server package");
  }
}
