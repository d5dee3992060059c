package dev.orrery.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimeSplitTest {
  @Test
  void a_row_trains_only_if_its_outcome_was_known_before_validation_began() {
    long[] event = {1, 2, 3, 4, 5, 6};
    long[] known = {2, 9, 5, 6, 7, 8};
    TimeSplit split = TimeSplit.holdout(event, known, 1.0 / 3);
    assertThat(split.start()).isEqualTo(5);
    assertThat(split.train()).containsExactly(0);
    assertThat(split.validation()).containsExactly(4, 5);
    assertThat(TimeSplit.from(event, known, 6).train()).containsExactly(0, 2);
  }

  @Test
  void rows_of_unknown_outcome_are_on_neither_side() {
    long[] event = {1, 2, 3, 4, 5, 6};
    long[] known = {1, TimeSplit.UNKNOWN, 3, 4, TimeSplit.UNKNOWN, 6};
    TimeSplit split = TimeSplit.holdout(event, known, 0.5);
    assertThat(split.train()).containsExactly(0, 2);
    assertThat(split.validation()).containsExactly(3, 5);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void folds_expand_cover_every_later_row_once_and_never_look_ahead(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int count = 500;
    long[] event = new long[count];
    long[] known = new long[count];
    for (int i = 0; i < count; i++) {
      event[i] = random.nextLong(200);
      known[i] = random.nextInt(20) == 0 ? TimeSplit.UNKNOWN : event[i] + random.nextLong(30);
    }
    List<TimeSplit> folds = TimeSplit.expanding(event, known, 5);
    assertThat(folds).hasSize(5);
    boolean[] validated = new boolean[count];
    long trainedBefore = 0;
    for (TimeSplit fold : folds) {
      long first =
          Arrays.stream(fold.validation()).mapToLong(row -> event[row]).min().orElseThrow();
      assertThat(fold.start()).isEqualTo(first);
      for (int row : fold.train()) assertThat(known[row]).isLessThan(first);
      for (int row = 0; row < count; row++) {
        boolean trains = Arrays.stream(fold.train()).anyMatch(Integer.valueOf(row)::equals);
        boolean may = known[row] != TimeSplit.UNKNOWN && known[row] < first && event[row] < first;
        assertThat(trains).isEqualTo(may);
      }
      for (int row : fold.validation()) {
        assertThat(validated[row]).isFalse();
        validated[row] = true;
      }
      assertThat((long) fold.train().length).isGreaterThanOrEqualTo(trainedBefore);
      trainedBefore = fold.train().length;
    }
    long start = folds.getFirst().start();
    for (int row = 0; row < count; row++) {
      assertThat(validated[row]).isEqualTo(known[row] != TimeSplit.UNKNOWN && event[row] >= start);
    }
  }

  @Test
  void too_few_rows_or_only_one_moment_are_refused() {
    assertThatThrownBy(() -> TimeSplit.expanding(new long[3], new long[3], 5))
        .isInstanceOf(Problem.class);
    assertThatThrownBy(() -> TimeSplit.holdout(new long[10], new long[10], 0.2))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("one side would be empty");
  }
}
