package dev.orrery.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(
    value = OS.LINUX,
    disabledReason = "SKIPPED: only Linux has a priority for each thread")
class PriorityTest {
  @Test
  void a_thread_that_gives_way_is_worth_less_to_the_system_and_the_others_are_not()
      throws Exception {
    var nice = new AtomicReference<>("");
    int before = nice();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              assertThat(Priority.giveWay()).isTrue();
              nice.set("" + nice());
            });
    thread.join();
    assertThat(nice.get()).isEqualTo("" + Math.min(before + 5, 19));
    assertThat(nice()).isEqualTo(before);
  }

  /// The nineteenth field of the thread's `stat`, which proc(5) describes.
  private static int nice() {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
