package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
  @TempDir Path folder;

  @Test
  void a_sound_machine_has_no_problem() throws IOException {
    JsonNode report = report(new Session(folder).run("doctor", "--json", "--port", freePort()));

    assertThat(report.path("findings"))
        .hasSizeGreaterThanOrEqualTo(13)
        .noneMatch(finding -> finding.path("state").asText().equals("problem"));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void a_taken_port_is_a_problem_with_a_fix() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var outcome =
          new Session(folder).run("doctor", "--port", Integer.toString(taken.getLocalPort()));

      assertThat(outcome.code()).isEqualTo(ExitCode.NOT_MET);
      assertThat(outcome.out()).contains("is taken", "orrery up --port N");
    }
  }

  @Test
  void a_home_that_is_a_file_and_a_wrong_clock_are_problems() throws IOException {
    Files.writeString(folder.resolve("file"), "");

    var outcome =
        new Session(folder)
            .at(() -> Instant.parse("1999-01-01T00:00:00Z"))
            .run("doctor", "--home", "file", "--port", freePort());

    assertThat(outcome.code()).isEqualTo(ExitCode.NOT_MET);
    assertThat(outcome.out()).contains("is a file, not a folder", "Set the clock");
  }

  @Test
  void a_report_is_a_table_to_paste() throws IOException {
    var outcome = new Session(folder).run("doctor", "--report", "--port", freePort());

    assertThat(outcome.out().lines().skip(2))
        .allMatch(line -> line.matches("\\| .* \\| .* \\| .* \\|"));
  }

  private static JsonNode report(Session.Outcome outcome) {
    return Json.tree(outcome.out().getBytes(StandardCharsets.UTF_8));
  }

  private static String freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return Integer.toString(free.getLocalPort());
    }
  }
}
