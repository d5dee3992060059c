package dev.orrery.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestRowsTest {
  @Test
  void a_time_to_the_second_is_read_as_java_reads_it() {
    long from = Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();
    long to = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
    var random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      Instant instant = Instant.ofEpochSecond(random.nextLong(from, to + 1));
      assertThat(RequestRows.time("date", 0, instant.toString()))
          .as(instant.toString())
          .isEqualTo(RequestRows.micros(instant));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2001-02-29T00:00:00Z",
        "2001-13-01T00:00:00Z",
        "2001-00-01T00:00:00Z",
        "2001-01-00T00:00:00Z",
        "2001-01-01T24:00:01Z",
        "2001-01-01T00:60:00Z",
        "2001-01-01T00:00:60Z",
        "0000-01-01T00:00:00Z",
        "2001-01-01T00:00:00z.",
        "2001/01/01T00:00:00Z",
        "20o1-01-01T00:00:00Z"
      })
  void a_time_that_does_not_exist_is_refused(String text) {
    assertThatThrownBy(() -> RequestRows.time("date", 3, text))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("row 3 has '%s' for 'date', which is not a time".formatted(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2001-03-01T08:05:00Z",
        "2001-03-01 08:05:00",
        "2001-03-01T08:05:00.000Z",
        "2001-03-01T10:05:00+02:00",
        " 2001-03-01T08:05:00Z "
      })
  void a_time_may_be_written_in_several_ways(String text) {
    assertThat(RequestRows.time("date", 0, text))
        .isEqualTo(RequestRows.micros(Instant.parse("2001-03-01T08:05:00Z")));
  }
}
