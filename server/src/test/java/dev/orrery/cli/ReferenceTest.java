package dev.orrery.cli;

import dev.orrery.Golden;
import dev.orrery.base.Fault;
import dev.orrery.web.Failures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Writes the reference pages of errors and commands from the program itself.
class ReferenceTest {
  private static final TreeMap<Integer, String> PARTS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(1, "Names, quantities, clock"),
              Map.entry(100, "The store of rows"),
              Map.entry(110, "Journals"),
              Map.entry(120, "Blobs"),
              Map.entry(130, "Jobs"),
              Map.entry(140, "Audit"),
              Map.entry(150, "Lineage"),
              Map.entry(200, "HTTP"),
              Map.entry(250, "Tables and formulas"),
              Map.entry(300, "Definitions"),
              Map.entry(400, "Data"),
              Map.entry(500, "Features"),
              Map.entry(510, "Searches"),
              Map.entry(520, "MLflow's wire"),
              Map.entry(530, "Artifacts"),
              Map.entry(600, "Models"),
              Map.entry(650, "Training"),
              Map.entry(680, "Evaluation"),
              Map.entry(700, "Tracking"),
              Map.entry(750, "Registry"),
              Map.entry(800, "Pipeline"),
              Map.entry(850, "Serving"),
              Map.entry(900, "Monitor"),
              Map.entry(930, "Retraining"),
              Map.entry(950, "Replay"),
              Map.entry(970, "Command line")));

  private static final String ERRORS =
      """
      # Errors

      <!-- Written by ReferenceTest from base/Fault.java. Do not edit. -->

      With this page you can look up what a number such as `ORR-0856` means, and how a program sees it.

      A number never changes its meaning. The message beside it says what is wrong in your case and what to do about it:

      ```
      error[ORR-0304]: unknown key 'gatess' in orrery.yaml
        --> orrery.yaml:49:1
       49 | gatess:
          | ^^^^^^
      hint: Did you mean 'gates'
      ```

      Over HTTP the number stands in the body as `code`; see [the shapes of errors](http.md#errors). On the command line,
      `--json` prints `code`, `kind`, `what`, `remedy` and the place. *Exit* is the code that a command ends with; see
      [exit codes](cli.md#exit-codes). With `unavailable`, `limited` and `storage_full` the same request may succeed later;
      with the others it will not.
      """;

  private static final String COMMANDS =
      """
      # Commands

      <!-- Written by ReferenceTest from the commands themselves. Do not edit. -->

      With this page you can look up every command, its options and its exit codes. `orrery help COMMAND` prints the same.

      A command works on the project around the folder that you are in; `--home DIR` names another one. `demo` works in
      `.orrery-demo` instead, which it makes. `status`, `predict`, `outcomes`, `lineage`, `rollback` and `replay` ask the server that runs on that home. `run` asks it too,
      and starts one for itself where none runs. `check`, `doctor` and `init` need no server.

      Results go to standard output, progress and hints to standard error. With `--json` the result, and an error too, is
      JSON.

      ## Environment

      | variable | meaning |
      |---|---|
      | `ORRERY_SERVER` | the address of the server that `orrery run` asks, instead of the one on the home |
      | `ORRERY_PORT` | the port of `orrery up`, where no option names one |
      | `ORRERY_LANG` | `en` or `ko` |
      | `NO_COLOR` | no colours |
      | `ORRERY_JAVA_OPTS` | more options for the JVM |
      | `ORRERY_DEV` | the launcher builds again whenever a source is newer |

      ## Exit codes

      | code | meaning |
      |---|---|
      | 0 | done |
      | 1 | failed, denied, or a bug |
      | 2 | the input, a definition or an option is wrong |
      | 3 | a gate or a check is not met |
      | 4 | not found |
      | 5 | a conflict: held by another process, in use, or there already |
      | 6 | unavailable for now: no server, busy, disk full |
      | 130 | interrupted by Ctrl-C; what to do next is printed |
      """;

  @TempDir Path folder;

  @Test
  void the_page_of_errors_is_that_of_the_faults() throws IOException {
    var page = new StringBuilder(ERRORS);
    String part = "";
    for (Fault fault : Fault.values()) {
      int number = Integer.parseInt(fault.code().substring("ORR-".length()));
      String now = PARTS.floorEntry(number).getValue();
      if (!now.equals(part)) {
        page.append("\n## %s\n\n| number | kind | HTTP | exit | meaning |\n".formatted(now));
        page.append("|---|---|---|---|---|\n");
        part = now;
      }
      page.append(
          "| `%s` | %s | %d | %d | %s |\n"
              .formatted(
                  fault.code(),
                  fault.kind().name().toLowerCase(Locale.ROOT),
                  Failures.status(fault),
                  ExitCode.of(fault.kind()),
                  fault.meaning()));
    }
    Golden.check("docs/reference/errors.md", page.toString());
  }

  @Test
  void the_page_of_commands_is_that_of_the_commands() throws IOException {
    var page = new StringBuilder(COMMANDS);
    for (String name : Commands.NAMES) {
      String help = new Session(folder).run(name, "--help").out();
      page.append("\n## orrery %s\n\n```\n%s\n```\n".formatted(name, help.strip()));
      for (String one : Commands.GROUPS.getOrDefault(name, List.of())) {
        String own = new Session(folder).run(name, one, "--help").out();
        page.append("\n### orrery %s %s\n\n```\n%s\n```\n".formatted(name, one, own.strip()));
      }
    }
    Golden.check("docs/reference/cli.md", page.toString());
  }
}
