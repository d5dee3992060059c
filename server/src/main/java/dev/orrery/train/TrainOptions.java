package dev.orrery.train;

/// How to train.
///
/// @param seed of all that is drawn
/// @param threads at most; the model does not depend on it
/// @param positive what a prediction of 1 means, such as `late`
/// @param progress told after each iteration
public record TrainOptions(long seed, int threads, String positive, Progress progress) {
  /// Hears how far training is.
  public interface Progress {
    /// @param iteration from 1 on
    /// @param total at most so many will come
    void at(int iteration, int total);
  }

  public TrainOptions {
    if (threads < 1) throw new IllegalArgumentException("threads: " + threads);
  }

  public TrainOptions(long seed, int threads) {
    this(seed, threads, "positive", (_, _) -> {});
  }
}
