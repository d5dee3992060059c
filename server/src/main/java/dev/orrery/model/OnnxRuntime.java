package dev.orrery.model;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// ONNX Runtime in this process. Its native library is loaded when it is first asked for, never
/// before: a server without an ONNX model pays nothing for it.
public final class OnnxRuntime {
  /// Which execution providers to try, in their order: `cuda,tensorrt,openvino`. Unset: CUDA where
  /// it is there. The processor always comes last.
  public static final String PROVIDERS = "ORRERY_ONNX_PROVIDERS";

  private static final Logger log = LoggerFactory.getLogger(OnnxRuntime.class);

  private OnnxRuntime() {}

  /// The native library of version 1.29.0 ends the process when the command line that it was
  /// started with is longer than some 3,000 bytes (seen on Linux): it is not loaded then.
  private static final int COMMAND_MAX = 2_000;

  private static final class Loaded {
    static final OrtEnvironment ENVIRONMENT =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "orrery");
  }

  /// @throws Problem of kind UNSUPPORTED if the native library does not load
  static OrtEnvironment environment() {
    long command = commandLength();
    if (command > COMMAND_MAX) {
      throw new Problem(
          Fault.NO_NATIVE_LIBRARY,
          "ONNX Runtime is not loaded in a process whose command line has %,d bytes"
              .formatted(command),
          "Start it with a shorter one: class path in CLASSPATH, options in JDK_JAVA_OPTIONS");
    }
    try {
      return Loaded.ENVIRONMENT;
    } catch (LinkageError | RuntimeException e) {
      if (e instanceof Problem problem) throw problem;
      throw new Problem(
              Fault.NO_NATIVE_LIBRARY,
              "ONNX Runtime does not load on %s %s: %s"
                  .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), e),
              "Use Linux, macOS or Windows on a processor that it is built for (orrery doctor)")
          .because(e);
    }
  }

  private static long commandLength() {
    try {
      return java.nio.file.Files.readAllBytes(java.nio.file.Path.of("/proc/self/cmdline")).length;
    } catch (java.io.IOException | RuntimeException _) {
      return 0;
    }
  }

  /// The version of the native library.
  public static String version() {
    return environment().getVersion();
  }

  /// The execution providers that this build offers, in capitals: `CPU`, `CUDA`, `TENSOR_RT`.
  public static List<String> providers() {
    var unused = environment();
    return OrtEnvironment.getAvailableProviders().stream().map(Enum::name).sorted().toList();
  }

  /// A session over checked bytes: one thread a call, no spinning, no files.
  static OrtSession session(byte[] bytes) throws OrtException {
    OrtEnvironment environment = environment();
    try (var options = new OrtSession.SessionOptions()) {
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      // Batches differ in size from call to call; plans for one size would be kept for each.
      options.setMemoryPatternOptimization(false);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.addConfigEntry("session.load_model_format", "ONNX");
      for (String wanted : wanted()) add(options, wanted);
      return environment.createSession(bytes, options);
    }
  }

  private static List<String> wanted() {
    String named = System.getenv(PROVIDERS);
    if (named == null || named.isBlank()) {
      return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)
          ? List.of("cuda")
          : List.of();
    }
    List<String> wanted = new ArrayList<>();
    for (String name : named.split(",", -1)) wanted.add(name.strip().toLowerCase(Locale.ROOT));
    return wanted;
  }

  /// A provider that is not there is said and left out: the processor answers.
  private static void add(OrtSession.SessionOptions options, String name) {
    try {
      switch (name) {
        case "cpu", "" -> {}
        case "cuda" -> options.addCUDA(0);
        case "tensorrt", "tensor_rt" -> options.addTensorrt(0);
        case "openvino", "open_vino" -> options.addOpenVINO("");
        case "dnnl" -> options.addDnnl(true);
        case "directml", "direct_ml" -> options.addDirectML(0);
        case "coreml", "core_ml" -> options.addCoreML(Map.of());
        case "xnnpack" -> options.addXnnpack(Map.of());
        case "rocm" -> options.addROCM(0);
        case "qnn" -> options.addQnn(Map.of());
        case "webgpu" -> options.addWebGPU(Map.of());
        default -> log.warn("{} names '{}', which is no execution provider", PROVIDERS, name);
      }
    } catch (OrtException | LinkageError e) {
      log.warn("ONNX Runtime has no {} here, and uses the processor: {}", name, e.getMessage());
    }
  }
}
