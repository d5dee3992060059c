package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.Problem;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ExitCodeTest {
  @Test
  void every_kind_of_problem_has_the_code_that_is_promised() {
    assertThat(Arrays.stream(Problem.Kind.values()).map(kind -> kind + "=" + ExitCode.of(kind)))
        .containsExactly(
            "INVALID=2",
            "DENIED=1",
            "NOT_FOUND=4",
            "CONFLICT=5",
            "GATE_NOT_MET=3",
            "TOO_LARGE=2",
            "UNSUPPORTED=2",
            "LIMITED=6",
            "UNAVAILABLE=6",
            "STORAGE_FULL=6",
            "DATA_LOSS=1",
            "INTERNAL=1");
  }
}
