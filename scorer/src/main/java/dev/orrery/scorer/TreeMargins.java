package dev.orrery.scorer;

import java.util.List;

/// The margins of an ensemble of trees.
final class TreeMargins implements Margins {
  private final Ensemble ensemble;
  private final Forest forest;

  TreeMargins(Ensemble ensemble) {
    this.ensemble = ensemble;
    this.forest = Forest.of(ensemble);
  }

  @Override
  public int width() {
    return ensemble.width();
  }

  @Override
  public int groups() {
    return ensemble.groups();
  }

  @Override
  public void margins(double[] rows, int from, int stride, double[] margins, int count) {
    forest.margins(rows, from, stride, margins, count);
  }

  @Override
  public List<Tree> trees() {
    return ensemble.trees();
  }
}
