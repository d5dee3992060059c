package dev.orrery.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.orrery.base.ChildJvm;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreLockTest {
  @TempDir Path home;

  /// Holds the lock of a folder until it is killed.
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      StoreLock lock = StoreLock.acquire(Path.of(args[0]), "orrery up");
      lock.servesOn(8123);
      System.out.println("held");
      Thread.sleep(60_000);
      lock.close();
    }
  }

  @Test
  void a_store_that_another_process_holds_is_refused_and_says_whose_it_is() throws Exception {
    Path store = home.resolve(".orrery");
    try (ChildJvm child = ChildJvm.start(Holder.class, store)) {
      assertThat(child.line()).isEqualTo("held");

      Problem problem =
          catchThrowableOfType(Problem.class, () -> StoreLock.acquire(store, "orrery run").close());
      assertThat(problem.fault()).isEqualTo(Fault.STORE_HELD);
      assertThat(problem)
          .hasMessageContaining(store.toString())
          .hasMessageContaining("process " + child.pid())
          .hasMessageContaining("orrery up")
          .hasMessageContaining("port 8123");
      assertThat(StoreLock.holder(store)).get().extracting("port").isEqualTo(8123);

      child.kill();
      assertThat(StoreLock.holder(store)).isEmpty();
      StoreLock.acquire(store, "orrery run").close();
    }
  }

  @Test
  void a_second_lock_in_the_same_process_is_refused_and_harms_nothing() throws Exception {
    Path store = home.resolve(".orrery");
    try (StoreLock _ = StoreLock.acquire(store)) {
      assertThat(fault(store)).isEqualTo(Fault.STORE_HELD);
      assertThat(StoreLock.holder(store)).isEmpty();
      try (ChildJvm child = ChildJvm.start(Holder.class, store)) {
        assertThat(child.line()).isNull();
      }
    }
    StoreLock.acquire(store).close();
  }

  @Test
  void a_home_that_is_a_file_is_told() throws Exception {
    Path file = Files.createFile(home.resolve("file"));
    assertThat(fault(file)).isEqualTo(Fault.STORE_IS_A_FILE);
    assertThat(fault(file.resolve(".orrery"))).isEqualTo(Fault.STORE_IS_A_FILE);
  }

  @Test
  void a_folder_that_cannot_be_written_is_told() {
    assertThat(fault(Path.of("/proc/orrery/.orrery"))).isEqualTo(Fault.STORE_NOT_WRITABLE);
    assertThat(fault(Path.of("/proc/self"))).isEqualTo(Fault.STORE_NOT_WRITABLE);
  }

  private static Fault fault(Path folder) {
    return catchThrowableOfType(Problem.class, () -> StoreLock.acquire(folder).close()).fault();
  }
}
