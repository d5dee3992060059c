package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.api.io.TempDir;
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

  private static Path mlflow(Path folder, String version) throws Exception {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("MLmodel"),
        """
        mlflow_version: %s
        flavors:
          python_function: {loader_module: mlflow.sklearn, python_version: 3.12.3}
        signature:
          inputs: '[{"type": "double", "name": "x"}]'
        """
            .formatted(version));
    Files.writeString(folder.resolve("requirements.txt"), "mlflow==%s\n".formatted(version));
    return folder;
  }

  @Test
  void an_mlflow_folder_gets_an_image_with_its_python(@TempDir Path folder) throws Exception {
    Path model = mlflow(folder.resolve("score"), "3.1.0");
    Packaging packaging = Packaging.ofModels("score", "score:1.0.0", 1024, List.of(model), 2);
    assertThat(packaging.files(true, true, true).get("Dockerfile"))
        .isEqualTo(Files.readString(Path.of("src/test/resources/package/Dockerfile.python")));
    assertThat(MODELS.files(true, false, false).get("Dockerfile")).doesNotContain("python", "{{");
    Path older = mlflow(folder.resolve("older"), "2.19.0");
    Packaging both = Packaging.ofModels("score", "score:1.0.0", 1024, List.of(model, older), 2);
    assertThatThrownBy(() -> both.files(true, false, false))
        .hasMessageContaining("mlflow 2.19.0 and 3.1.0, and an image has one");
    Path odd = mlflow(folder.resolve("odd"), "'3; rm -rf /'");
    Packaging hostile = Packaging.ofModels("odd", "odd:1.0.0", 1024, List.of(odd), 2);
    assertThatThrownBy(() -> hostile.files(true, false, false)).hasMessageContaining("no version");
  }

  @ParameterizedTest
  @ValueSource(ints = {-5, 0, 1, 255})
  void a_container_in_which_nothing_runs_is_refused(int memory, @TempDir Path folder) {
    Session.Outcome told =
        new Session(folder).run("deploy", "package", "m.txt", "--memory", Integer.toString(memory));
    assertThat(told.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(told.err()).contains("--memory is %d MB".formatted(memory), "256");
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
