package dev.orrery.base;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A program of the tests in a process of its own, to be killed.
public final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;

  private ChildJvm(Process process) {
    this.process = process;
    InputStreamReader reader =
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8);
    this.out = new BufferedReader(reader);
  }

  public static ChildJvm start(Class<?> main, Object... args) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command =
        new ArrayList<>(
            List.of(
                java,
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                path,
                main.getName()));
    for (Object arg : args) command.add(arg.toString());
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  public long pid() {
    return process.pid();
  }

  /// The next line it prints, or null once it is dead and all it printed has been read.
  public @Nullable String line() throws IOException {
    return out.readLine();
  }

  /// Ends it as `kill -9` does; what it printed can still be read.
  public void kill() throws InterruptedException {
    // By its handle, because Process itself would close the pipe with what is still in it.
    process.toHandle().destroyForcibly();
    if (!process.waitFor(10, TimeUnit.SECONDS)) throw new IllegalStateException("does not die");
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
