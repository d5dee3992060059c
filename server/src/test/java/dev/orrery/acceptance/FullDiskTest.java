package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.cli.Session;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A real full disk, small and in memory: errors that say so, nothing lost, and on it goes once
/// there is room. Needs the right to mount.
@ExtendWith(Told.class)
class FullDiskTest {
  /// More than a segment of the log of predictions has room for, which is taken beforehand.
  private static final int TRIES = 20_000;

  private static final int TOLD = 400;

  @TempDir Path folder;
  private Path disk;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(folder.resolve("disk"));
    String why = execute("mount", "-t", "tmpfs", "-o", "size=64m", "orrery-test", disk.toString());
    if (why.isEmpty()) return;
    String told = "SKIPPED, no full disk is tried: a small disk cannot be mounted (" + why + ")";
    System.out.println(told);
    Assumptions.abort(told);
  }

  @AfterEach
  void unmount() throws Exception {
    execute("umount", disk.toString());
  }

  /// @return empty if it went well, or what went wrong
  private static String execute(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes());
      boolean isDone = process.waitFor(10, TimeUnit.SECONDS);
      return isDone && process.exitValue() == 0 ? "" : command[0] + ": " + said.strip();
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// Takes all the room there is.
  private Path fill() throws IOException {
    Path filler = disk.resolve("filler");
    byte[] piece = new byte[1 << 16];
    for (int size = piece.length; size > 0; size /= 2) {
      try (OutputStream out =
          Files.newOutputStream(
              filler,
              java.nio.file.StandardOpenOption.CREATE,
              java.nio.file.StandardOpenOption.APPEND)) {
        while (true) out.write(piece, 0, size);
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("No space left");
      }
    }
    return filler;
  }

  @Test
  void a_server_on_a_full_disk_answers_507_loses_nothing_and_goes_on_once_there_is_room(Story story)
      throws Exception {
    try (Up up = Up.on(story.copy(disk.resolve("home")))) {
      JsonNode before = up.web().json("/api/v1/endpoints/late-arrival");
      List<String> ids = new ArrayList<>();
      Path filler = fill();

      Web.Reply refused = predictUntilFull(up, ids);
      assertThat(refused.status()).as(refused.text()).isEqualTo(507);
      assertThat(refused.text()).contains("disk", "full").contains("ORR-0112");
      int told = tellUntilFull(up, ids);
      Session.Outcome command = new Session(up.home()).run("predict", Up.ROW);
      assertThat(command.code()).as(command.err()).isEqualTo(6);
      assertThat(command.err()).contains("full");
      assertThat(up.web().get("/health").status()).isEqualTo(200);
      count(up, before, ids.size(), told);

      Files.delete(filler);
      Web.Reply again = up.web().post("/predict", Up.ROW);
      assertThat(again.status()).as(again.text()).isEqualTo(200);
      ids.add(id(again));
      assertThat(up.web().post("/outcomes", outcome(ids.getLast())).status()).isEqualTo(200);
      count(up, before, ids.size(), told + 1);
      for (String id : ids) up.web().json("/api/v1/predictions/" + id);
      System.out.printf(
          "full disk: %d predictions and %d outcomes were acknowledged around it, none lost%n",
          ids.size(), told + 1);
    }
  }

  /// What is left of the log's segment has room for some more.
  private static Web.Reply predictUntilFull(Up up, List<String> ids) throws Exception {
    Web.Reply reply = up.web().post("/predict", Up.ROW);
    while (reply.status() == 200 && ids.size() < TRIES) {
      ids.add(id(reply));
      reply = up.web().post("/predict", Up.ROW);
    }
    return reply;
  }

  /// The store's log may have room for some; whatever it has none for must be refused as that.
  private static int tellUntilFull(Up up, List<String> ids) throws Exception {
    int told = 0;
    for (String id : ids.subList(0, Math.min(TOLD, ids.size()))) {
      Web.Reply reply = up.web().post("/outcomes", outcome(id));
      assertThat(reply.status()).as(reply.text()).isIn(200, 507);
      if (reply.status() == 200) told++;
      else assertThat(reply.text()).contains("full");
    }
    return told;
  }

  private static void count(Up up, JsonNode before, int predicted, int told) throws Exception {
    JsonNode now = up.web().json("/api/v1/endpoints/late-arrival");
    assertThat(now.path("predictions").asInt())
        .isEqualTo(before.path("predictions").asInt() + predicted);
    assertThat(now.path("outcomes").asInt()).isEqualTo(before.path("outcomes").asInt() + told);
  }

  private static String id(Web.Reply reply) {
    return reply.json().path("ids").path(0).asText();
  }

  private static String outcome(String id) {
    return "{\"outcomes\":[{\"id\":\"%s\",\"actual\":{\"delay\":7}}]}".formatted(id);
  }

  @Test
  void commands_that_would_write_to_a_full_disk_say_so() throws Exception {
    fill();
    for (String words : new String[] {"init p", "up --home q --port 0", "demo --home r --exit"}) {
      Session.Outcome refused = new Session(disk).run(words.split(" ", -1));
      assertThat(refused.code()).as(words + ": " + refused.err()).isEqualTo(6);
      assertThat(refused.err()).contains("error[ORR-", "disk", "full", "hint: ");
    }
  }
}
