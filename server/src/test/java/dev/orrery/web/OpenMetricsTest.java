package dev.orrery.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.access.Permission;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenMetricsTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "traceparent: 00-" + TRACE + "-00f067aa0ba902b7-01";
  private static final String OPEN =
      "accept: application/openmetrics-text; version=1.0.0; charset=utf-8";

  /// A line of a sample, with an exemplar if it is one of a bucket.
  private static final Pattern SAMPLE =
      Pattern.compile(
          "[a-z_]+(\\{[^}]*\\})? \\S+(?<exemplar> #"
              + " \\{[a-z_]+=\"[0-9a-f-]+\"(,[a-z_]+=\"[0-9a-f-]+\")*\\} \\S+)?");

  private final Meters meters = new Meters();
  private WebServer server;

  @BeforeEach
  void start() {
    var routes = new Routes();
    var timer = meters.exemplifiedTimer("answers", "How long answers take", "model", "a\"b\\");
    var counter = meters.plainCounter("some.things", "Things");
    routes.get(
        "/took/{micros}",
        Permission.VIEW,
        request -> {
          String[] own = {"prediction_id", request.path("micros")};
          timer.nanos(Long.parseLong(request.path("micros")) * 1_000, () -> own);
          counter.one();
          return Response.text("OK");
        });
    server = WebServer.start(WebOptions.anyPort(), routes, meters);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Raw.Answer ask(String target, String... headers) throws IOException {
    return Raw.ask(server.port(), Raw.get(target, headers));
  }

  private List<String> exemplars(String name) throws IOException {
    return ask("/metrics", OPEN)
        .text()
        .lines()
        .filter(line -> line.startsWith(name) && line.contains(" # "))
        .toList();
  }

  @Test
  void a_bucket_has_the_trace_of_an_observation_else_what_its_request_is_known_by()
      throws IOException {
    ask("/took/300", PARENT);
    ask("/took/3000");
    assertThat(exemplars("orrery_answers_seconds_bucket"))
        .containsExactly(
            "orrery_answers_seconds_bucket{model=\"a\\\"b\\\\\",le=\"5.0E-4\"} 1"
                + " # {span_id=\"00f067aa0ba902b7\",trace_id=\"%s\"} 3.0E-4".formatted(TRACE),
            "orrery_answers_seconds_bucket{model=\"a\\\"b\\\\\",le=\"0.005\"} 2"
                + " # {prediction_id=\"3000\"} 0.003");
    // Requests themselves have a trace or nothing.
    assertThat(exemplars("orrery_http_requests_seconds_bucket"))
        .singleElement()
        .asString()
        .contains("route=\"/took/{micros}\"", "trace_id=\"" + TRACE);
  }

  @Test
  void an_observation_takes_a_bucket_s_place_once_a_second_at_most() {
    var exemplars = new Exemplars();
    var series = exemplars.series("x", new double[] {0.001, 0.01}, "a", "b");
    int[] asked = {0};
    for (int i = 0; i < 1_000; i++) {
      series.seen(
          500_000,
          () -> {
            asked[0]++;
            return new String[] {"id", "1"};
          });
    }
    assertThat(asked[0]).isBetween(1, 60);
    assertThat(exemplars.series("x", new double[] {1}, "a", "b")).isSameAs(series);
  }

  @Test
  void open_metrics_is_as_its_specification_has_it() throws IOException {
    ask("/took/300", PARENT);
    Raw.Answer answer = ask("/metrics", OPEN);
    assertThat(answer.headers().get("content-type"))
        .isEqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8");
    List<String> lines = answer.text().lines().toList();
    assertThat(answer.text()).endsWith("# EOF\n");
    assertThat(lines).contains("# TYPE some_things counter", "some_things_total 1.0");
    assertThat(lines).contains("# TYPE orrery_answers_seconds histogram");
    for (String line : lines) {
      if (line.startsWith("#")) {
        assertThat(line).matches("# (TYPE|HELP|UNIT) .*|# EOF");
        continue;
      }
      var sample = SAMPLE.matcher(line.replace("\\\"", "").replace("{micros}", "micros"));
      assertThat(sample.matches()).as(line).isTrue();
      if (sample.group("exemplar") != null) assertThat(line).contains("_bucket{");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/openmetrics-text | true",
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3 | true",
        "application/openmetrics-text;q=0.2,text/plain;q=0.3 | false",
        "application/openmetrics-text;q=0 | false",
        "application/openmetrics-text;q=much | false",
        "text/plain | false",
        "*/* | false",
        "'' | false"
      })
  void a_scraper_is_given_what_it_prefers(String accept, boolean open) throws IOException {
    ask("/took/300", PARENT);
    Raw.Answer answer = ask("/metrics", "accept: " + accept);
    String type = answer.headers().getOrDefault("content-type", "");
    assertThat(type.startsWith("application/openmetrics-text")).isEqualTo(open);
    assertThat(answer.text().contains(" # {")).isEqualTo(open);
    assertThat(answer.text().endsWith("# EOF\n")).isEqualTo(open);
    if (!open) {
      assertThat(answer.headers().get("content-type"))
          .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    }
  }

  @Test
  void a_handler_sees_the_trace_and_no_other_does() {
    assertThat(Trace.current()).isNull();
    Trace trace =
        java.util.Objects.requireNonNull(Trace.of(PARENT.substring("traceparent: ".length())));
    assertThat(Trace.within(trace, Trace::current)).isEqualTo(trace);
    assertThat(Trace.current()).isNull();
  }
}
