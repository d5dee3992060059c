package dev.orrery.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.orrery.base.Problem;
import dev.orrery.model.OnnxRuntime;
import dev.orrery.project.Project;
import dev.orrery.sql.Db;
import dev.orrery.sql.StoreLock;
import io.github.metarank.lightgbm4j.LGBMBooster;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Everything the doctor looks at; each look ends in a finding, never in an exception.
final class Examination {
  private static final long MEGABYTE = 1_000_000;
  private static final Instant BUILT_AFTER = Instant.parse("2026-11-01T00:00:00Z");

  enum State {
    OK,
    NOTE,
    PROBLEM
  }

  /// @param fix what to do about it; empty if all is well
  record Finding(String name, State state, String what, String fix) {
    boolean isProblem() {
      return state == State.PROBLEM;
    }
  }

  private interface Load {
    void run() throws Exception;
  }

  private final Terminal terminal;
  private final Path home;
  private final int port;

  Examination(Terminal terminal, Path home, int port) {
    this.terminal = terminal;
    this.home = home;
    this.port = port;
  }

  List<Finding> all() {
    return List.of(
        java(),
        library("sqlite", () -> DriverManager.getConnection("jdbc:sqlite::memory:").close()),
        library("duckdb", () -> DriverManager.getConnection("jdbc:duckdb:").close()),
        library("lightgbm", Examination::loadLightGbm),
        onnx(),
        gpu(),
        cores(),
        memory(),
        disk(),
        portFree(),
        store(),
        pages(),
        project(),
        tool("git", true),
        tool("python3", false),
        mlflow(),
        clock());
  }

  private Finding java() {
    int version = Runtime.version().feature();
    String what = "Java %s, %s".formatted(Runtime.version(), System.getProperty("java.home"));
    return version >= 25 ? ok("java", what) : problem("java", what, "doctor.fix.java");
  }

  private Finding library(String name, Load load) {
    try {
      load.run();
      return ok(name, terminal.text("doctor.loads", System.getProperty("os.arch")));
    } catch (Exception | LinkageError e) {
      return problem(name, terminal.text("doctor.fails", e), "doctor.fix.library");
    }
  }

  /// Loads a copy of the library from a folder of its own: its own loader would overwrite the copy
  /// that a running server has mapped.
  private static void loadLightGbm() throws IOException {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    boolean isMac = system.contains("mac");
    String folder = isMac ? "osx" : system.contains("win") ? "windows" : "linux";
    String machine = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
    String file =
        isMac
            ? "lib_lightgbm.dylib"
            : system.contains("win") ? "lib_lightgbm.dll" : "lib_lightgbm.so";
    String resource = "/lightgbm4j/%s/%s/%s".formatted(folder, machine, file);
    Path copy = Files.createTempFile("orrery", file);
    try (InputStream in = LGBMBooster.class.getResourceAsStream(resource)) {
      if (in == null)
        throw new IOException("there is none for %s on %s".formatted(system, machine));
      Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
      System.load(copy.toString());
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  /// ONNX Runtime and the processors that this build of it can use.
  private Finding onnx() {
    try {
      String providers = String.join(", ", OnnxRuntime.providers());
      return ok("onnx", terminal.text("doctor.onnx", OnnxRuntime.version(), providers));
    } catch (Problem e) {
      return new Finding("onnx", State.NOTE, e.what(), e.remedy());
    }
  }

  /// A graphics processor, and whether ONNX Runtime would use it.
  private Finding gpu() {
    Optional<String> said = said("nvidia-smi", "--query-gpu=name", "--format=csv,noheader");
    if (said.isEmpty()) {
      String none = terminal.text("doctor.gpu.none");
      return ok("gpu", none + " (" + terminal.text("doctor.optional") + ")");
    }
    try {
      if (OnnxRuntime.providers().contains("CUDA")) return ok("gpu", said.get());
    } catch (Problem _) {
      // Said by its own finding.
    }
    return note("gpu", said.get(), "doctor.fix.gpu");
  }

  /// The mlflow of the Python that would answer for python_function models.
  private Finding mlflow() {
    String python = System.getenv().getOrDefault("ORRERY_PYTHON", "python3");
    String code = "import importlib.metadata as m; print(m.version('mlflow'))";
    return said(python, "-c", code)
        .map(version -> ok("mlflow", terminal.text("doctor.mlflow", version, python)))
        .orElseGet(() ->
            ok(
                "mlflow",
                terminal.text("doctor.mlflow.none", python)
                    + " ("
                    + terminal.text("doctor.mlflow.why")
                    + ")"));
  }

  /// What a program prints; empty if it is not there, fails or hangs.
  private static Optional<String> said(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      String said =
          new String(process.getInputStream().readNBytes(200), StandardCharsets.UTF_8).strip();
      return process.exitValue() == 0 && !said.isEmpty() ? Optional.of(said) : Optional.empty();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private Finding cores() {
    int cores = Runtime.getRuntime().availableProcessors();
    String what = terminal.text("doctor.cores", cores);
    return cores >= 2 ? ok("cores", what) : note("cores", what, "doctor.fix.cores");
  }

  private Finding memory() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long total = system.getTotalMemorySize() / MEGABYTE;
    String what = terminal.text("doctor.memory", total);
    if (total >= 3_500) return ok("memory", what);
    return total >= 1_500
        ? note("memory", what, "doctor.fix.memory")
        : problem("memory", what, "doctor.fix.memory");
  }

  private Finding disk() {
    Path existing = home;
    while (!Files.exists(existing) && existing.getParent() != null) existing = existing.getParent();
    try {
      long free = Files.getFileStore(existing).getUsableSpace() / MEGABYTE;
      String what = terminal.text("doctor.disk", free, existing);
      if (!Files.isWritable(existing)) return problem("disk", what, "doctor.fix.write");
      if (free >= 2_000) return ok("disk", what);
      return free >= 200
          ? note("disk", what, "doctor.fix.disk")
          : problem("disk", what, "doctor.fix.disk");
    } catch (IOException e) {
      return problem("disk", terminal.text("doctor.fails", e), "doctor.fix.write");
    }
  }

  private Finding portFree() {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return ok("port", terminal.text("doctor.port.free", port));
    } catch (IOException | IllegalArgumentException _) {
      Optional<StoreLock.Holder> holder = holder();
      if (holder.isPresent() && holder.get().port() == port) {
        return ok("port", terminal.text("doctor.port.ours", port));
      }
      return problem("port", terminal.text("doctor.port.taken", port), "doctor.fix.port");
    }
  }

  private Finding store() {
    Path store = home.resolve(".orrery");
    if (Files.exists(home) && !Files.isDirectory(home)) {
      return problem("store", terminal.text("doctor.home.file", home), "doctor.fix.home");
    }
    try {
      if (!Files.isDirectory(store)) return ok("store", terminal.text("doctor.store.none", store));
      return StoreLock.holder(store)
          .map(holder -> ok("store", terminal.text("doctor.store.held", holder)))
          .orElseGet(() -> ok("store", terminal.text("doctor.store.free", store)));
    } catch (Problem e) {
      return new Finding("store", State.PROBLEM, e.what(), e.remedy());
    }
  }

  /// Whether bit rot in the rows of an embedded store is seen here.
  private Finding pages() {
    String why = Db.unguardedHere();
    return why.isEmpty()
        ? ok("pages", terminal.text("doctor.pages.ok"))
        : note("pages", why, "doctor.fix.pages");
  }

  private Optional<StoreLock.Holder> holder() {
    try {
      return StoreLock.holder(home.resolve(".orrery"));
    } catch (Problem _) {
      return Optional.empty();
    }
  }

  private Finding project() {
    if (!Project.isIn(home)) {
      return note("project", terminal.text("doctor.project.none", home), "doctor.fix.project");
    }
    int problems = Project.read(home).problems().size();
    return problems == 0
        ? ok("project", terminal.text("doctor.project.ok", home))
        : problem("project", terminal.text("check.problems", problems), "doctor.fix.check");
  }

  private Finding tool(String name, boolean isUseful) {
    try {
      Process process = new ProcessBuilder(name, "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      if (!process.waitFor(3, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return note(name, terminal.text("doctor.tool.hangs", name), "doctor.fix.tool");
      }
      byte[] said = process.getInputStream().readNBytes(200);
      return ok(name, new String(said, StandardCharsets.UTF_8).strip());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return note(name, terminal.text("doctor.tool.hangs", name), "doctor.fix.tool");
    } catch (IOException _) {
      String what = terminal.text("doctor.tool.none", name);
      return isUseful
          ? note(name, what, "doctor.fix." + name)
          : ok(name, what + " (" + terminal.text("doctor.optional") + ")");
    }
  }

  /// Whether the clock is plausible, and agrees with that of the file system.
  private Finding clock() {
    Instant now = terminal.clock().instant();
    String what = now.toString();
    if (now.isBefore(BUILT_AFTER)) return problem("clock", what, "doctor.fix.clock");
    try {
      Path file = Files.createTempFile("orrery", ".clock");
      Duration apart = Duration.between(now, Files.getLastModifiedTime(file).toInstant()).abs();
      Files.delete(file);
      if (apart.compareTo(Duration.ofSeconds(5)) <= 0) return ok("clock", what);
      return problem(
          "clock", terminal.text("doctor.clock.apart", apart.toSeconds()), "doctor.fix.clock");
    } catch (IOException e) {
      return problem("clock", terminal.text("doctor.fails", e), "doctor.fix.write");
    }
  }

  private static Finding ok(String name, String what) {
    return new Finding(name, State.OK, what, "");
  }

  private Finding note(String name, String what, String fix) {
    return new Finding(name, State.NOTE, what, terminal.text(fix));
  }

  private Finding problem(String name, String what, String fix) {
    return new Finding(name, State.PROBLEM, what, terminal.text(fix));
  }
}
