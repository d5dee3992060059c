package dev.orrery.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.access.Permission;
import dev.orrery.access.Principal;
import dev.orrery.access.Role;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who may ask for what, and from where.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GateTest {
  private final AtomicInteger handled = new AtomicInteger();
  private WebServer server;

  @BeforeAll
  void start() {
    Routes routes = new Routes();
    for (Permission permission : Permission.values()) {
      String path = "/may/" + permission.name().toLowerCase(Locale.ROOT);
      routes.get(path, permission, request -> Response.text(request.principal().name()));
    }
    routes.post(
        "/write",
        Permission.EDIT,
        request -> {
          handled.incrementAndGet();
          return Response.text("written " + request.body().length);
        });
    routes.delete("/write", Permission.EDIT, _ -> Response.noContent());
    Authenticator byHeader =
        headers -> {
          String role = headers.apply("x-role");
          if (role == null) return new Principal("local", Role.ADMIN);
          return role.equals("nobody") ? null : new Principal("kim", Role.valueOf(role));
        };
    server = WebServer.start(WebOptions.anyPort().withAuthenticator(byHeader), routes);
  }

  @BeforeEach
  void forget() {
    handled.set(0);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "VIEWER,   view predict public",
    "EDITOR,   view predict public edit",
    "OPERATOR, view predict public edit operate",
    "ADMIN,    view predict public edit operate admin",
    "nobody,   public"
  })
  void each_role_may_what_it_includes_and_nothing_else(String role, String allowed)
      throws IOException {
    for (Permission permission : Permission.values()) {
      String word = permission.name().toLowerCase(Locale.ROOT);
      int status = Raw.ask(server.port(), Raw.get("/may/" + word, "X-Role: " + role)).status();
      int refused = role.equals("nobody") ? 401 : 403;
      assertThat(status)
          .isEqualTo((" " + allowed + " ").contains(" " + word + " ") ? 200 : refused);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "LOCALHOST", "localhost:1", "127.0.0.1", "127.0.0.1:8080", "[::1]:9"})
  void loopback_names_are_this_server_on_any_port(String host) throws IOException {
    assertThat(host(host)).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "evil.localhost",
        "127.0.0.1.nip.io",
        "127.0.0.2",
        "0.0.0.0",
        "[::]",
        "[::ffff:127.0.0.1]",
        "localhost:80:80",
        "localhost:x",
        "localhost@evil.example",
        "evil.example@localhost",
        "localhost/",
        "localhost, evil.example",
        "2130706433",
        "localhost.",
        ""
      })
  void any_other_name_is_refused(String host) throws IOException {
    assertThat(host(host)).isIn(400, 403);
  }

  private int host(String host) throws IOException {
    return Raw.ask(server.port(), "GET /may/view HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evil.example",
        "https://localhost.evil.example",
        "http://localhost:3000",
        "http://localhost:8080.evil.example",
        "http://127.0.0.1:8080",
        "null",
        "http://",
        "file://",
        "chrome-extension://abc",
        "localhost:8080",
        ""
      })
  void a_page_of_another_origin_is_refused(String origin) throws IOException {
    Raw.Answer answer =
        Raw.ask(
            server.port(),
            Raw.post("/write", "{}", "Content-Type: application/json", "Origin: " + origin)
                .replace("Host: localhost", "Host: localhost:8080"));
    assertThat(answer.status()).isEqualTo(403);
    assertThat(handled).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cross-site", "same-site", "CROSS-SITE", "something"})
  void a_fetch_from_another_site_is_refused(String site) throws IOException {
    Raw.Answer answer =
        Raw.ask(
            server.port(),
            Raw.post("/write", "{}", "Content-Type: application/json", "Sec-Fetch-Site: " + site));
    assertThat(answer.status()).isEqualTo(403);
    assertThat(Raw.ask(server.port(), Raw.get("/may/view", "Sec-Fetch-Site: " + site)).status())
        .isEqualTo(403);
    assertThat(handled).hasValue(0);
  }

  @Test
  void the_console_itself_may_ask() throws IOException {
    String request =
        Raw.post(
                "/write",
                "{}",
                "Content-Type: application/json; charset=utf-8",
                "Origin: http://localhost:8080",
                "Sec-Fetch-Site: same-origin")
            .replace("Host: localhost", "Host: localhost:8080");
    assertThat(Raw.ask(server.port(), request).text()).isEqualTo("written 2");
  }

  @Test
  void a_link_from_another_site_opens_a_page_but_calls_nothing() throws IOException {
    String[] link = {
      "Sec-Fetch-Site: cross-site",
      "Sec-Fetch-Mode: navigate",
      "Sec-Fetch-Dest: document",
      "Accept: text/html"
    };
    assertThat(Raw.ask(server.port(), Raw.get("/p/flights", link)).status()).isEqualTo(200);
    assertThat(Raw.ask(server.port(), Raw.get("/may/view", link)).status()).isEqualTo(403);
    link[2] = "Sec-Fetch-Dest: iframe";
    assertThat(Raw.ask(server.port(), Raw.get("/p/flights", link)).status()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type: text/plain",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Type: text/plain; application/json",
        "Content-Type:",
        "X: y"
      })
  void a_browser_must_send_json(String type) throws IOException {
    String browser = "Sec-Fetch-Site: same-origin";
    assertThat(Raw.ask(server.port(), Raw.post("/write", "{}", type, browser)).status())
        .isEqualTo(415);
    assertThat(Raw.ask(server.port(), Raw.post("/write", "{}", type)).status()).isEqualTo(200);
  }

  @Test
  void a_browser_may_delete_without_a_body() throws IOException {
    String request =
        "DELETE /write HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\r\n";
    assertThat(Raw.ask(server.port(), request).status()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "10.1.2.3"})
  void a_public_address_is_not_listened_on(String host) {
    assertThatThrownBy(() -> WebServer.start(new WebOptions(host, 0), new Routes()).close())
        .isInstanceOfSatisfying(
            Problem.class,
            p -> {
              assertThat(p.fault()).isEqualTo(Fault.PUBLIC_BIND);
              assertThat(p).hasMessageContaining("neither authentication nor TLS");
            });
  }

  @Test
  void a_port_in_use_says_what_to_do() {
    WebOptions taken = new WebOptions("127.0.0.1", server.port());
    assertThatThrownBy(() -> WebServer.start(taken, new Routes()).close())
        .isInstanceOfSatisfying(
            Problem.class, p -> assertThat(p.kind()).isEqualTo(Problem.Kind.CONFLICT))
        .hasMessage(
            "port %d is in use. Stop what listens there, or choose another with --port N (0 takes"
                + " any free one).",
            server.port());
  }

  @Test
  void a_route_is_declared_once_and_well() {
    Routes routes = new Routes();
    Handler handler = _ -> Response.noContent();
    routes.get("/a/{b}", Permission.VIEW, handler);
    routes.post("/a/{b}", Permission.EDIT, handler);
    for (String pattern :
        new String[] {
          "/a/{b}", "/a/{other}", "a", "/a//b", "/a/", "/{a}/{a}", "/a/{b...}/c", "/a b"
        }) {
      assertThatThrownBy(() -> routes.get(pattern, Permission.VIEW, handler))
          .as(pattern)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
