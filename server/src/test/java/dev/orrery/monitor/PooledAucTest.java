package dev.orrery.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.stats.Auc;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PooledAucTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void it_is_the_area_over_all_pairs_and_in_cells_nearly_so(long seed) {
    var random = new Random(seed);
    double[] scores = new double[5_000];
    boolean[] positive = new boolean[scores.length];
    var exact = new PooledAuc();
    var folded = new PooledAuc(1_000);
    var tally = new Tally();
    for (int i = 0; i < scores.length; i++) {
      positive[i] = random.nextDouble() < 0.2;
      double score = Math.clamp(0.3 + (positive[i] ? 0.1 : 0) + 0.2 * random.nextGaussian(), 0, 1);
      scores[i] = Math.rint(score * 2_000) / 2_000;
      exact.add(scores[i], positive[i]);
      folded.add(scores[i], positive[i]);
      tally.add(scores[i], 1, positive[i] ? 1 : 0);
    }
    double area = Auc.of(scores, positive);
    assertThat(exact.value()).isCloseTo(area, within(1e-12));
    assertThat(folded.value()).isCloseTo(area, within(1e-9));
    assertThat(tally.cells().auc()).isCloseTo(area, within(1e-3));
  }

  @Test
  void one_class_alone_has_no_area() {
    var auc = new PooledAuc();
    assertThat(auc.value()).isNaN();
    auc.add(0.5, true);
    assertThat(auc.value()).isNaN();
    auc.add(0.5, false);
    assertThat(auc.value()).isEqualTo(0.5);
  }
}
