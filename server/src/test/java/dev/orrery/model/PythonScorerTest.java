package dev.orrery.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The process and its frames, with a small package in mlflow's place; conformance/onnx runs the
/// real one. Without Python on the machine, that is what must be said.
class PythonScorerTest {
  /// Adds two columns; some values have it do what models do at night.
  private static final String MODEL =
      """
      import os, sys, time
      class Model:
          def predict(self, rows):
              a, b = rows["a"], rows["b"]
              print("asked for", len(a))
              if a[0] == 666: os._exit(3)
              if a[0] == 777: time.sleep(60)
              if a[0] == 888: raise ValueError("no such customer")
              if a[0] == 999: return [float(len(os.environ.get("ORRERY_SECRET", "")))]
              return [x + (len(y) if y is not None else -1) for x, y in zip(a, b)]
      def load_model(path):
          if os.path.exists(os.path.join(path, "broken")): raise RuntimeError("cannot unpickle")
          return Model()
      """;

  private static final String ML_MODEL =
      """
      flavors:
        python_function: {loader_module: mlflow.sklearn, python_version: 3.11.7}
      mlflow_version: 3.6.0
      signature:
        inputs: '[{"type": "double", "name": "a"}, {"type": "string", "name": "b"}]'
        outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
        params: null
      """;

  @TempDir Path folder;
  private Path model;
  private Optional<Path> python = Optional.empty();

  @BeforeEach
  void makeAnEnvironment() throws Exception {
    model = Files.createDirectory(folder.resolve("adder"));
    Files.writeString(model.resolve("MLmodel"), ML_MODEL);
    Path venv = folder.resolve("venv");
    try {
      Process made =
          new ProcessBuilder("python3", "-m", "venv", "--without-pip", venv.toString())
              .inheritIO()
              .start();
      assertThat(made.waitFor(120, TimeUnit.SECONDS)).isTrue();
      if (made.exitValue() != 0) return;
    } catch (IOException _) {
      return;
    }
    try (var found = Files.walk(venv)) {
      Path packages = found.filter(p -> p.endsWith("site-packages")).findFirst().orElseThrow();
      Path mlflow = Files.createDirectories(packages.resolve("mlflow"));
      Files.writeString(mlflow.resolve("__init__.py"), "");
      Files.writeString(mlflow.resolve("pyfunc.py"), MODEL);
    }
    python = Optional.of(venv.resolve("bin/python"));
  }

  private PythonScorer start(Path interpreter, int callSeconds) {
    return new PythonScorer(
        MlflowModel.read(model),
        new PythonWorker.Settings(
            interpreter.toString(),
            Duration.ofSeconds(60),
            Duration.ofSeconds(callSeconds),
            1_024));
  }

  private static SequencedMap<String, Tensor> row(double a, String b) {
    var row = new LinkedHashMap<String, Tensor>();
    row.put("a", Tensor.of(new double[] {a, a + 1}, 2));
    byte[][] texts = {b.getBytes(StandardCharsets.UTF_8), null};
    row.put("b", new Tensor(Datatype.BYTES, new long[] {2}, texts));
    return row;
  }

  @Test
  void parameters_of_a_signature_are_known_by_name() throws IOException {
    assertThat(MlflowModel.read(model).params()).isEmpty();
    String declared = "'[{\"name\": \"temperature\", \"type\": \"double\", \"default\": 0.5}]'";
    Files.writeString(
        model.resolve("MLmodel"), ML_MODEL.replace("params: null", "params: " + declared));
    assertThat(MlflowModel.read(model).params()).containsExactly("temperature");
  }

  @Test
  void a_model_answers_fails_alone_and_is_started_again() throws Exception {
    if (python.isEmpty()) {
      assertThatThrownBy(() -> start(Path.of("python3"), 30))
          .isInstanceOfSatisfying(
              Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.NO_PYTHON));
      return;
    }
    try (PythonScorer scorer = start(python.get(), 2)) {
      assertThat(scorer.inputs())
          .containsExactly(Port.of("a", Datatype.FP64, -1), Port.of("b", Datatype.BYTES, -1));
      assertThat(scorer.outputs()).containsExactly(Port.of("predictions", Datatype.FP64, -1));
      assertThat((double[]) OnnxTest.named("predictions", scorer.score(row(1, "서울"))).data())
          .containsExactly(3, 1);
      refused(scorer, 888, Fault.SCORING_FAILED, "no such customer");
      assertThat(OnnxTest.named("predictions", scorer.score(row(2, ""))).data())
          .isEqualTo(new double[] {2, 2});
      long first = scorer.pid();
      refused(scorer, 666, Fault.WORKER_FAILED, "exit code 3");
      refused(scorer, 1, Fault.WORKER_FAILED, "starts again in");
      Thread.sleep(600);
      assertThat((double[]) OnnxTest.named("predictions", scorer.score(row(1, "b"))).data())
          .containsExactly(2, 1);
      assertThat(scorer.pid()).isNotEqualTo(first);
      refused(scorer, 777, Fault.WORKER_FAILED, "did not answer within 2 s");
    }
  }

  private static void refused(Scorer scorer, double a, Fault fault, String what) {
    assertThatThrownBy(() -> scorer.score(row(a, "")))
        .isInstanceOfSatisfying(
            Problem.class,
            e -> {
              assertThat(e.fault()).isEqualTo(fault);
              assertThat(e.what()).contains(what);
            });
  }

  @Test
  void the_process_ends_with_the_scorer() throws Exception {
    if (python.isEmpty()) return;
    PythonScorer scorer = start(python.get(), 30);
    ProcessHandle process = ProcessHandle.of(scorer.pid()).orElseThrow();
    scorer.close();
    process.onExit().get(10, TimeUnit.SECONDS);
    assertThatThrownBy(() -> scorer.score(row(1, "")))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.MODEL_NOT_READY));
  }

  @Test
  void what_is_missing_or_broken_is_said() throws Exception {
    assertThatThrownBy(() -> start(folder.resolve("no-such-python"), 5))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.NO_PYTHON));
    if (python.isEmpty()) return;
    Files.writeString(model.resolve("broken"), "");
    assertThatThrownBy(() -> start(python.get(), 5)).hasMessageContaining("cannot unpickle");
    try (var found = Files.walk(folder.resolve("venv"))) {
      Files.delete(found.filter(p -> p.endsWith("mlflow/pyfunc.py")).findFirst().orElseThrow());
    }
    assertThatThrownBy(() -> start(python.get(), 5))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.NO_PYTHON));
  }

  @Test
  void a_folder_that_cannot_be_served_is_refused_before_any_python_runs() throws Exception {
    for (String text :
        List.of(
            ML_MODEL.replace("python_function", "r_function"),
            ML_MODEL.replace("inputs:", "inuts:"),
            ML_MODEL.replace("\"double\"", "\"map\""),
            ML_MODEL.replace("'[{", "'{"),
            "flavors: [",
            "")) {
      Files.writeString(model.resolve("MLmodel"), text);
      assertThatThrownBy(() -> ModelFile.read(model)).isInstanceOf(Problem.class);
    }
    Files.delete(model.resolve("MLmodel"));
    assertThatThrownBy(() -> ModelFile.read(model)).hasMessageContaining("MLmodel");
  }
}
