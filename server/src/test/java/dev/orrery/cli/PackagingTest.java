package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// What `deploy package` writes, read by the types and the schema of those who will read it.
class PackagingTest {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private static final Map<String, Class<?>> KINDS =
      Map.of(
          "ConfigMap", ConfigMap.class,
          "Service", Service.class,
          "StatefulSet", StatefulSet.class,
          "Deployment", Deployment.class,
          "HorizontalPodAutoscaler", HorizontalPodAutoscaler.class,
          "PodDisruptionBudget", PodDisruptionBudget.class);

  private static final Packaging PROJECT =
      Packaging.ofProject("flights", "flights:1.0.0", 2048, Path.of("flights"));
  private static final Packaging MODELS =
      Packaging.ofModels("churn", "churn:1.0.0", 1024, List.of(Path.of("churn.txt")), 8);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void manifests_hold_nothing_that_kubernetes_does_not_know(boolean project) throws Exception {
    String text = (project ? PROJECT : MODELS).files(true, false, true).get("kubernetes.yaml");
    List<String> kinds = new ArrayList<>();
    for (Object document : new Load(settings()).loadAllFromString(text)) {
      JsonNode node = MAPPER.valueToTree(document);
      String kind = node.path("kind").asText();
      kinds.add(kind);
      assertThat(KINDS).containsKey(kind);
      Object typed = MAPPER.treeToValue(node, KINDS.get(kind));
      // The types keep what they do not know aside and write it back: so compare without it.
      assertThat(unknown(typed)).as(kind).isEmpty();
      assertThat(MAPPER.<JsonNode>valueToTree(typed).path("spec").isMissingNode())
          .isEqualTo(kind.equals("ConfigMap"));
    }
    assertThat(kinds)
        .containsExactlyElementsOf(
            project
                ? List.of("ConfigMap", "Service", "StatefulSet")
                : List.of(
                    "ConfigMap",
                    "Service",
                    "Deployment",
                    "HorizontalPodAutoscaler",
                    "PodDisruptionBudget"));
  }

  @Test
  void a_key_that_kubernetes_does_not_know_would_be_seen() throws Exception {
    String text = MODELS.files(true, false, true).getOrDefault("kubernetes.yaml", "");
    for (Object document :
        new Load(settings())
            .loadAllFromString(text.replace("periodSeconds: 10", "periodSecond: 10"))) {
      JsonNode node = MAPPER.valueToTree(document);
      if (!node.path("kind").asText().equals("Deployment")) continue;
      assertThat(unknown(MAPPER.treeToValue(node, Deployment.class)))
          .containsExactly("periodSecond");
    }
  }

  @Test
  void models_scale_and_a_project_has_one_server_with_a_store() throws Exception {
    var files = MODELS.files(true, false, true);
    assertThat(files.get("kubernetes.yaml"))
        .contains("maxReplicas: 8", "minReplicas: 2", "livenessProbe", "readinessProbe")
        .contains("args: [\"serve\", \"/srv/orrery/churn.txt\", \"--port\", \"8080\"]");
    assertThat(PROJECT.files(true, false, true).get("kubernetes.yaml"))
        .contains("replicas: 1", "volumeClaimTemplates")
        .doesNotContain("HorizontalPodAutoscaler");
    assertThat(String.join("", files.values())).doesNotContain("{{", "}}");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_compose_file_keeps_to_its_schema(boolean project) throws Exception {
    String text = (project ? PROJECT : MODELS).files(true, true, false).get("compose.yaml");
    // Addresses stand in it under the key of an older draft than the one it names.
    String spec = Files.readString(Path.of("src/test/resources/compose/compose_spec.json"));
    JsonNode node = MAPPER.valueToTree(new Load(settings()).loadFromString(text));
    var schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
            .getSchema(spec.replaceAll("\"id\": \"[^\"]*\",", ""));
    assertThat(schema.validate(node)).isEmpty();
    assertThat(schema.validate(MAPPER.readTree("{\"services\":{\"a\":{\"imag\":\"x\"}}}")))
        .isNotEmpty();
  }

  private static LoadSettings settings() {
    return LoadSettings.builder().build();
  }

  /// Names of what a typed object kept aside as unknown, anywhere in it.
  private static List<String> unknown(Object typed) throws ReflectiveOperationException {
    List<String> names = new ArrayList<>();
    collect(typed, names);
    return names;
  }

  private static void collect(Object at, List<String> names) throws ReflectiveOperationException {
    switch (at) {
      case null -> {}
      case Iterable<?> list -> {
        for (Object one : list) collect(one, names);
      }
      case Map<?, ?> map -> {
        for (Object one : map.values()) collect(one, names);
      }
      default -> {
        if (!at.getClass().getName().startsWith("io.fabric8")) return;
        for (var field : at.getClass().getDeclaredFields()) {
          if (java.lang.reflect.Modifier.isStatic(field.getModifiers())) continue;
          field.setAccessible(true);
          Object value = field.get(at);
          if (field.getName().equals("additionalProperties") && value instanceof Map<?, ?> map) {
            map.keySet().forEach(key -> names.add(String.valueOf(key)));
          } else {
            collect(value, names);
          }
        }
      }
    }
  }
}
