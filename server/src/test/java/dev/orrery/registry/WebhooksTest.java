package dev.orrery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.jobs.Jobs;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import dev.orrery.web.Outbound;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Deliveries to a real listener.
class WebhooksTest {
  private record Delivery(String id, String timestamp, String signature, String body) {}

  @TempDir Path folder;
  private final BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();
  private final AtomicInteger failures = new AtomicInteger();
  private HttpServer listener;
  private Db db;
  private Jobs jobs;
  private Webhooks hooks;
  private String url;

  @BeforeEach
  void listen() throws IOException {
    listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    listener.createContext(
        "/",
        exchange -> {
          var headers = exchange.getRequestHeaders();
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          received.add(
              new Delivery(
                  String.valueOf(headers.getFirst("X-MLflow-Delivery-Id")),
                  String.valueOf(headers.getFirst("X-MLflow-Timestamp")),
                  String.valueOf(headers.getFirst("X-MLflow-Signature")),
                  body));
          int status =
              exchange.getRequestURI().getPath().equals("/moved")
                  ? 302
                  : failures.getAndDecrement() > 0 ? 503 : 200;
          if (status == 302) exchange.getResponseHeaders().add("Location", "/elsewhere");
          byte[] answer = "seen".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    listener.start();
    url = "http://127.0.0.1:%d/hook".formatted(listener.getAddress().getPort());
    db = Databases.SQLITE.fresh();
    jobs = new Jobs(db, InstantSource.system());
    hooks =
        new Webhooks(
            db,
            jobs,
            new Outbound(List.of("127.0.0.1")),
            new Seal(folder.resolve("keys")),
            InstantSource.system());
    jobs.start(2);
  }

  @AfterEach
  void close() {
    jobs.close();
    db.close();
    listener.stop(0);
  }

  private Webhook hook(String url, String... events) {
    return db.write(tx ->
        hooks.create(tx, new Webhooks.Asked("hook", "d", url, List.of(events), "s3cret", null)));
  }

  private void happens(String event) {
    db.write(tx -> {
      hooks.happened(tx, event, Map.of("name", "churn", "version", "1"));
      return true;
    });
  }

  private Delivery next() throws InterruptedException {
    Delivery delivery = received.poll(30, TimeUnit.SECONDS);
    assertThat(delivery).isNotNull();
    return delivery;
  }

  @Test
  void an_event_is_delivered_signed_as_mlflows_receivers_check_it() throws Exception {
    hook(url, "model_version.created");
    happens("registered_model.created");
    happens("model_version.created");
    Delivery delivery = next();
    var body = Json.tree(delivery.body().getBytes(StandardCharsets.UTF_8));
    assertThat(body.path("entity").asText()).isEqualTo("model_version");
    assertThat(body.path("action").asText()).isEqualTo("created");
    assertThat(body.path("data").path("name").asText()).isEqualTo("churn");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("s3cret".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    String signed = delivery.id() + "." + delivery.timestamp() + "." + delivery.body();
    assertThat(delivery.signature())
        .isEqualTo(
            "v1,"
                + Base64.getEncoder()
                    .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8))));
    assertThat(jobs.awaitIdle(Duration.ofSeconds(10))).isTrue();
    assertThat(received).isEmpty();
  }

  @Test
  void a_receiver_that_is_down_is_told_again_under_the_same_id() throws Exception {
    hook(url, "model_version.created");
    failures.set(1);
    happens("model_version.created");
    Delivery first = next();
    assertThat(next().id()).isEqualTo(first.id());
    assertThat(jobs.awaitIdle(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void what_was_rolled_back_and_what_a_disabled_hook_asked_for_is_not_told() throws Exception {
    Webhook hook = hook(url, "model_version.created");
    assertThatThrownBy(() ->
            db.write(tx -> {
              hooks.happened(tx, "model_version.created", Map.of());
              throw new IllegalStateException("undone");
            }))
        .isInstanceOf(IllegalStateException.class);
    db.write(tx ->
        hooks.update(
            tx,
            hook.id(),
            new Webhooks.Asked(null, null, null, List.of(), null, Webhook.Status.DISABLED)));
    happens("model_version.created");
    assertThat(jobs.awaitIdle(Duration.ofSeconds(10))).isTrue();
    assertThat(received).isEmpty();
  }

  @Test
  void the_test_of_a_hook_tells_what_was_answered_and_follows_no_redirect() {
    Outbound.Reply reply = hooks.test(hook(url, "prompt.created"), "prompt.created");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.text()).isEqualTo("seen");
    Webhook moved = hook(url.replace("/hook", "/moved"), "prompt.created");
    assertThat(hooks.test(moved, "prompt.created").status()).isEqualTo(302);
    assertThat(received).hasSize(2);
  }

  @Test
  void the_secret_lies_sealed_in_the_store() {
    hook(url, "prompt.created");
    assertThat(db.query("select secret from webhook", row -> row.text("secret")))
        .hasSize(1)
        .noneMatch(secret -> secret.contains("s3cret"));
    assertThat(db.read(tx -> hooks.list(tx, 10, 0)).getFirst().secret()).isEqualTo("s3cret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "   ",
        "ftp://example.com",
        "http://[invalid",
        "http://example.com/hook",
        "https://user:pass@example.com/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://0x7f.1/",
        "https://example.com:0/",
        "file:///etc/passwd"
      })
  void an_address_within_or_an_odd_one_is_refused(String hostile) {
    assertThatThrownBy(() -> hook(hostile, "prompt.created")).isInstanceOf(Problem.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-x", "x-", "a b", "a/b"})
  void a_name_that_is_none_is_refused(String name) {
    assertThatThrownBy(() ->
            db.write(tx ->
                hooks.create(
                    tx,
                    new Webhooks.Asked(name, null, url, List.of("prompt.created"), null, null))))
        .isInstanceOf(Problem.class);
  }
}
