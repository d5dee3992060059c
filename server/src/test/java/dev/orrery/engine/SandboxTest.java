package dev.orrery.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Questions that people write.
class SandboxTest {
  @TempDir Path folder;

  private Sandbox.Answer ask(String sql) throws Exception {
    return Sandbox.ask(
        folder.toRealPath(), Map.of("numbers", "select * from range(5) t(n)"), sql, 3);
  }

  @Test
  void a_select_over_the_views_is_answered_and_cut() throws Exception {
    assertThat(ask("select n * 2 as twice from numbers where n > 3").rows().toString())
        .isEqualTo("[[8]]");
    assertThat(ask("with w as (from numbers) select count(*) filter (n > 1) as c from w").columns())
        .containsExactly("c");
    assertThat(ask("from numbers").isCut()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 1; select 2",
        "select 1) union all (select 2",
        "copy (select 1) to 'x.csv'",
        "attach 'x.db'",
        "select * from read_csv('/etc/passwd')",
        "selec 1",
        ""
      })
  void anything_else_is_refused(String sql) {
    assertThatThrownBy(() -> ask(sql))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.kind()).isEqualTo(Problem.Kind.INVALID));
  }

  @Test
  void a_question_that_takes_too_long_is_ended() {
    assertThatThrownBy(() ->
            Sandbox.ask(
                folder.toRealPath(),
                Map.of(),
                "select count(*) from range(1000000) a, range(1000000) b, range(1000000) c",
                3,
                Duration.ofSeconds(1)))
        .hasMessageContaining("took longer than 1 s");
  }
}
