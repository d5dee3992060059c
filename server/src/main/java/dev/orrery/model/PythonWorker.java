package dev.orrery.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One Python process with one model in it, spoken to in frames over its stdin and stdout. Used by
/// one caller at a time; ended when it does not answer in time.
final class PythonWorker implements AutoCloseable {
  /// The most bytes of a frame, both ways.
  static final int FRAME_MAX = 256 << 20;

  private static final Logger log = LoggerFactory.getLogger(PythonWorker.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LOG_LINE_MAX = 1_000;
  private static final int LOG_LINES_MAX = 10_000;

  /// What a worker sees of this process's environment; nothing else, so no password.
  private static final Set<String> ENVIRONMENT =
      Set.of(
          "PATH",
          "HOME",
          "LANG",
          "LC_ALL",
          "LC_CTYPE",
          "TMPDIR",
          "TEMP",
          "TMP",
          "SYSTEMROOT",
          "LD_LIBRARY_PATH",
          "CUDA_VISIBLE_DEVICES",
          "OMP_NUM_THREADS");

  /// Reads our own script from stdin and runs it: no file of ours has to lie anywhere, and none in
  /// the model's folder can be taken for a module.
  private static final String START =
      """
      import os, sys
      sys.path[:] = [p for p in sys.path if p]
      n = int(sys.argv[1])
      b = b""
      while len(b) < n:
          p = os.read(0, n - len(b))
          if not p: os._exit(0)
          b += p
      exec(compile(b, "orrery-worker", "exec"))
      """;

  /// How workers run.
  ///
  /// @param python the interpreter: a path, or a name on the PATH
  /// @param start how long loading a model may take
  /// @param call how long an answer may take
  /// @param memoryMb limit of the process's own memory; 0 for none
  record Settings(String python, Duration start, Duration call, int memoryMb) {
    /// As the environment says: `ORRERY_PYTHON`, `ORRERY_PYTHON_TIMEOUT` (seconds),
    /// `ORRERY_PYTHON_MEMORY_MB`.
    static Settings of(Map<String, String> environment) {
      return new Settings(
          environment.getOrDefault("ORRERY_PYTHON", "python3"),
          Duration.ofSeconds(180),
          Duration.ofSeconds(whole(environment, "ORRERY_PYTHON_TIMEOUT", 60)),
          whole(environment, "ORRERY_PYTHON_MEMORY_MB", 4_096));
    }

    private static int whole(Map<String, String> environment, String name, int otherwise) {
      String written = environment.get(name);
      if (written == null || written.isBlank()) return otherwise;
      try {
        int number = Integer.parseInt(written.strip());
        if (number >= 0) return number;
      } catch (NumberFormatException _) {
        // Said below.
      }
      throw new Problem(
          Fault.BAD_COMMAND,
          "%s is '%s'".formatted(name, Texts.shown(written)),
          "Set it to a whole number");
    }
  }

  /// A frame: a header, and the elements of its tensors behind it.
  record Frame(JsonNode header, ByteBuffer elements) {}

  private final Process process;
  private final OutputStream out;
  private final DataInputStream in;
  private final Settings settings;

  private PythonWorker(Process process, Settings settings) {
    this.process = process;
    this.settings = settings;
    this.out = process.getOutputStream();
    this.in = new DataInputStream(process.getInputStream());
  }

  /// Starts a process and has it load the model.
  ///
  /// @param kind `columns` for a model that takes a table, `tensor` for one that takes arrays
  /// @throws Problem of kind UNSUPPORTED if Python or a package is not there, INVALID if the model
  ///   does not load, UNAVAILABLE if it takes too long
  static PythonWorker start(Path model, String kind, Settings settings) {
    byte[] script = script();
    var builder =
        new ProcessBuilder(
            settings.python(),
            "-E",
            "-s",
            "-c",
            START,
            String.valueOf(script.length),
            model.toAbsolutePath().toString(),
            kind,
            String.valueOf(settings.memoryMb()));
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(ENVIRONMENT);
    environment.put("PYTHONUNBUFFERED", "1");
    environment.putIfAbsent("OMP_NUM_THREADS", "1");
    environment.put("MLFLOW_DISABLE_TELEMETRY", "true");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new Problem(
              Fault.NO_PYTHON,
              "'%s' does not start: %s".formatted(settings.python(), e.getMessage()),
              "Install Python 3 with mlflow, or set ORRERY_PYTHON to the model's interpreter")
          .because(e);
    }
    Thread.ofVirtual().start(() -> log(process, model));
    var worker = new PythonWorker(process, settings);
    try {
      Frame ready =
          worker.within(
              settings.start(),
              () -> {
                worker.out.write(script);
                worker.out.flush();
                return worker.read();
              });
      if (ready.header().has("absent")) {
        throw new Problem(
            Fault.NO_PYTHON,
            "the Python that runs the model lacks a package: %s"
                .formatted(Texts.shown(ready.header().get("absent").asText())),
            "Install mlflow and what the model's requirements.txt names, and set ORRERY_PYTHON");
      }
      if (!ready.header().path("ready").asBoolean()) {
        throw new Problem(
            Fault.BAD_MODEL_FILE,
            "mlflow does not load the model: %s".formatted(error(ready.header())),
            "Load it in Python: mlflow.pyfunc.load_model('%s')".formatted(model));
      }
      return worker;
    } catch (RuntimeException e) {
      worker.close();
      throw e;
    }
  }

  /// Sends a frame and waits for the answer.
  ///
  /// @throws Problem of kind INVALID if the model refuses the values, UNAVAILABLE if the process
  ///   ended or did not answer in time; it is of no use after that
  Frame ask(byte[] header, List<byte[]> elements) {
    long size = 4L + header.length;
    for (byte[] each : elements) size += each.length;
    if (size > FRAME_MAX) {
      throw new Problem(
          Fault.TENSOR_TOO_LARGE,
          "a request to a Python model has %,d bytes".formatted(size),
          "Send fewer rows at a time");
    }
    var start = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    start.putInt((int) size).putInt(header.length);
    Frame answer =
        within(
            settings.call(),
            () -> {
              out.write(start.array());
              out.write(header);
              for (byte[] each : elements) out.write(each);
              out.flush();
              return read();
            });
    if (answer.header().has("error")) {
      throw new Problem(
          Fault.SCORING_FAILED,
          "the model refuses the values: %s".formatted(error(answer.header())),
          "Check them against the model's signature");
    }
    return answer;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  private interface Exchange {
    Frame run() throws IOException;
  }

  private Frame within(Duration deadline, Exchange exchange) {
    var done = new CompletableFuture<Frame>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            done.complete(exchange.run());
          } catch (IOException | RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    try {
      return done.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      close();
      throw failed("did not answer within %d s".formatted(deadline.toSeconds()));
    } catch (ExecutionException e) {
      close();
      if (e.getCause() instanceof Problem problem) throw problem;
      throw failed("ended (%s)".formatted(ending())).because(e);
    } catch (InterruptedException _) {
      close();
      Thread.currentThread().interrupt();
      throw failed("was interrupted");
    }
  }

  private String ending() {
    try {
      return process.waitFor(1, TimeUnit.SECONDS) ? "exit code " + process.exitValue() : "silent";
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private static Problem failed(String why) {
    return new Problem(
        Fault.WORKER_FAILED,
        "the Python process of the model %s".formatted(why),
        "Ask again; see the server's log for what it printed");
  }

  private Frame read() throws IOException {
    int total = Integer.reverseBytes(in.readInt());
    int size = Integer.reverseBytes(in.readInt());
    if (total < 4 || total > FRAME_MAX || size < 2 || size > total - 4) {
      throw failed("sent a frame of %d bytes with a header of %d".formatted(total, size));
    }
    byte[] header = in.readNBytes(size);
    byte[] elements = in.readNBytes(total - 4 - size);
    if (header.length < size || elements.length < total - 4 - size) {
      throw new java.io.EOFException("in the middle of a frame");
    }
    return new Frame(
        JSON.readTree(header), ByteBuffer.wrap(elements).order(ByteOrder.LITTLE_ENDIAN));
  }

  private static String error(JsonNode header) {
    String text = header.path("error").asText("unknown").replaceAll("\\p{Cntrl}", " ");
    return text.length() > 500 ? text.substring(0, 500) + "..." : text;
  }

  /// What the model prints, bounded.
  private static void log(Process process, Path model) {
    String name = String.valueOf(model.getFileName());
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      int count = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (++count > LOG_LINES_MAX) continue;
        log.info("{}: {}", name, line.substring(0, Math.min(LOG_LINE_MAX, line.length())));
      }
    } catch (IOException _) {
      // The process is gone.
    }
  }

  private static byte[] script() {
    try (var in = PythonWorker.class.getResourceAsStream("worker.py")) {
      return java.util.Objects.requireNonNull(in).readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// Ends the process and every one that it started.
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
