package dev.orrery.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A person at a terminal, for tests: types a command, reads what it prints.
public final class Session {
  private final Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private InstantSource clock = Instant::now;

  public Session(Path folder) {
    this.folder = folder;
  }

  /// What a command left behind.
  public record Outcome(int code, String out, String err) {}

  public Session with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  public Session at(InstantSource clock) {
    this.clock = clock;
    return this;
  }

  public Outcome run(String... words) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            environment,
            clock,
            folder);
    int code = new Cli(terminal).run(List.of(words));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
