package dev.orrery.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.access.Permission;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Which route a path means.
class RoutesTest {
  private final Routes routes = new Routes();

  @Test
  void fixed_segments_win_over_variables() {
    declare("/runs/{id}", "/runs/search", "/runs/{id}/metrics");
    assertThat(found("runs", "search")).isEqualTo("/runs/search []");
    assertThat(found("runs", "4f2")).isEqualTo("/runs/{id} [4f2]");
    assertThat(found("runs", "search", "metrics")).isEqualTo("/runs/{id}/metrics [search]");
    assertThat(found("runs")).isEqualTo("none");
  }

  @Test
  void endings_win_over_plain_variables() {
    declare(
        "/v1/models/{model}",
        "/v1/models/{model}:predict",
        "/v1/models/{model}/versions/{version}:predict");
    assertThat(found("v1", "models", "late")).isEqualTo("/v1/models/{model} [late]");
    assertThat(found("v1", "models", "late:predict"))
        .isEqualTo("/v1/models/{model}:predict [late]");
    assertThat(found("v1", "models", ":predict")).isEqualTo("/v1/models/{model} [:predict]");
    assertThat(found("v1", "models", "late", "versions", "3:predict"))
        .isEqualTo("/v1/models/{model}/versions/{version}:predict [late, 3]");
  }

  @Test
  void a_tail_takes_what_is_left_and_at_least_one_segment() {
    declare("/files/{run}/{path...}", "/files/{run}/list");
    assertThat(found("files", "r", "a", "b", "c")).isEqualTo("/files/{run}/{path...} [r, a/b/c]");
    assertThat(found("files", "r", "list")).isEqualTo("/files/{run}/list [r]");
    assertThat(found("files", "r", "list", "x")).isEqualTo("/files/{run}/{path...} [r, list/x]");
    assertThat(found("files", "r")).isEqualTo("none");
    assertThat(found("files", "r", "")).isEqualTo("none");
  }

  private void declare(String... patterns) {
    for (String pattern : patterns) {
      routes.get(pattern, Permission.VIEW, _ -> Response.noContent());
    }
  }

  private String found(String... segments) {
    RouteTree.Match match = routes.tree().find(List.of(segments));
    if (match == null) return "none";
    return Objects.requireNonNull(match.leaf("GET")).route.pattern() + " " + match.values();
  }
}
