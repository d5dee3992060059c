package dev.orrery.serving;

import static dev.orrery.serving.ServingGround.V1;
import static dev.orrery.serving.ServingGround.V2;
import static dev.orrery.serving.ServingGround.V3;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.inference.Servable;
import dev.orrery.model.Datatype;
import dev.orrery.model.Tensor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A project's endpoint under the protocols of model servers: who answers whom, and as which
/// version.
class EndpointServableTest {
  private static final String CANARY = "canary: { steps: [50, 100], hold: 1h }";

  @TempDir Path folder;

  private static Servable.Result ask(Servable servable, String key, Optional<String> version) {
    SequencedMap<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("date", text("2001-01-11T00:00:00Z"));
    inputs.put("distance", Tensor.of(new double[] {100}, 1));
    inputs.put("origin", text("ATL"));
    return servable.infer(new Servable.Call(version, inputs, key, 0));
  }

  private static Tensor text(String text) {
    return new Tensor(
        Datatype.BYTES, new long[] {1}, new byte[][] {text.getBytes(StandardCharsets.UTF_8)});
  }

  private static Tensor output(Servable.Result result, String name) {
    return Objects.requireNonNull(result.outputs().get(name));
  }

  private static Prediction logged(ServingGround ground, Servable.Result result) {
    if (!(output(result, "id").data() instanceof byte[][] ids)) throw new AssertionError();
    return ground.endpoint.find(UUID.fromString(new String(ids[0], StandardCharsets.UTF_8)));
  }

  @Test
  void a_caller_stays_with_the_version_that_its_key_gives_over_every_protocol() {
    try (var ground = new ServingGround(folder, CANARY)) {
      ground.deploy(V1);
      ground.deploy(V2);
      var servable = new EndpointServable(ground.endpoint, ground.clock);
      Set<String> versions = new HashSet<>();
      for (int i = 0; i < 60; i++) {
        String caller = "user-" + i;
        String version = ground.ask(caller, 100).version();
        assertThat(ask(servable, caller, Optional.empty()).version()).isEqualTo(version);
        versions.add(version);
      }
      assertThat(versions).containsExactlyInAnyOrder("1.0.0", "1.0.1");
      assertThatThrownBy(() -> ask(servable, "k".repeat(201), Optional.empty()))
          .hasMessageContaining("201 characters");
    }
  }

  @Test
  void each_loaded_version_answers_by_its_number_and_stands_so_in_the_log() {
    String serve = CANARY + "\nfallback: { version: 2.0.0 }";
    try (var ground = new ServingGround(folder, serve)) {
      var servable = new EndpointServable(ground.endpoint, ground.clock);
      assertThat(servable.versions()).isEmpty();
      ground.deploy(V1);
      ground.deploy(V2);
      assertThat(servable.metadata(Optional.empty()).versions())
          .containsExactly("1.0.0", "1.0.1", "2.0.0");
      assertThat(servable.metadata(Optional.of("1.0.1")).versions())
          .containsExactly("1.0.1", "1.0.0", "2.0.0");
      assertThat(servable.versions()).hasSize(3);
      for (int i = 0; i < 10; i++) {
        for (var version : java.util.List.of(V1, V2, V3)) {
          String number = version.toString();
          Servable.Result result = ask(servable, "user-" + i, Optional.of(number));
          assertThat(result.version()).isEqualTo(number);
          // A flight of 100 miles is not long: a model that is sure of its rule says so.
          assertThat(output(result, "score").doubles()[0])
              .isEqualTo(1 - ground.sure.getOrDefault(version, 0.0));
          assertThat(logged(ground, result).version()).isEqualTo(number);
          assertThat(logged(ground, result).arm()).isEqualTo("asked");
        }
      }
      assertThat(servable.ready(Optional.of("2.0.0"))).isTrue();
      assertThat(servable.statistics("2.0.0")).isNotSameAs(servable.statistics("1.0.0"));
      for (String unknown : java.util.List.of("9.9.9", "1", "latest")) {
        assertThatThrownBy(() -> ask(servable, "", Optional.of(unknown)))
            .isInstanceOfSatisfying(
                Problem.class,
                e -> {
                  assertThat(e.fault()).isEqualTo(Fault.UNKNOWN_MODEL);
                  assertThat(e.kind()).isEqualTo(Problem.Kind.NOT_FOUND);
                  assertThat(e.getMessage()).contains("Served now: 1.0.0, 1.0.1, 2.0.0");
                });
      }
      assertThatThrownBy(() -> servable.metadata(Optional.of("9.9.9")))
          .hasMessageContaining("no version named '9.9.9'");
    }
  }

  @Test
  void a_version_that_is_asked_by_its_number_and_fails_is_not_stood_in_for() {
    try (var ground = new ServingGround(folder, "fallback: { score: 0.2 }")) {
      ground.deploy(V1);
      var servable = new EndpointServable(ground.endpoint, ground.clock);
      ground.endpoint.rehearsals().start(new Chaos.Plan(1, 0, 60), "test");
      assertThat(ask(servable, "", Optional.empty()).version()).isEqualTo("0.0.0");
      assertThatThrownBy(() -> ask(servable, "", Optional.of("1.0.0")))
          .hasMessageContaining("as the running rehearsal asks");
    }
  }
}
