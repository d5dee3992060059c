package dev.orrery.train;

import dev.orrery.model.Encoding;
import dev.orrery.model.Linear;
import dev.orrery.model.Preprocessor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Fits logistic regression: the sum of losses and half the squared weights times l2, by L-BFGS.
///
/// The rows are cut into pieces of one size whatever the number of threads, and the pieces' sums
/// are added in order, so that the weights do not depend on it.
final class LogisticFit {
  /// Rows per piece; a piece's margins stay in the cache while its columns go by.
  private static final int PIECE = 8_192;

  /// Where to stop: the weights are then within about this many of their standard errors.
  private static final double GRADIENT_MAX = 1e-4;

  private final Preprocessor preprocessor;
  private final double[][] columns;
  private final double[] target;
  private final int[] offsets;
  private final double l2;
  private final ExecutorService pool;

  private LogisticFit(Training training, double l2, ExecutorService pool) {
    this.preprocessor = training.preprocessor();
    this.target = training.target();
    this.offsets = Linear.offsets(preprocessor);
    this.l2 = l2;
    this.pool = pool;
    this.columns = new double[preprocessor.width()][];
    for (int j = 0; j < columns.length; j++) columns[j] = design(training, j);
  }

  static Linear fit(
      Candidate.LogisticRegression candidate, Training training, TrainOptions options) {
    double share = (double) training.positives() / training.rows();
    int weights = Linear.weights(training.preprocessor());
    double[] start = new double[weights + 1];
    start[weights] = Math.log(share / (1 - share));
    try (ExecutorService pool = Executors.newFixedThreadPool(options.threads())) {
      LogisticFit fit = new LogisticFit(training, candidate.l2(), pool);
      double[] scales = fit.scales();
      for (int i = 0; i < start.length; i++) start[i] /= scales[i];
      double[] found =
          new Lbfgs(fit.scaled(scales), GRADIENT_MAX)
              .minimise(start, candidate.iterations(), options.progress());
      for (int i = 0; i < found.length; i++) found[i] *= scales[i];
      double intercept = found[weights];
      return new Linear(training.preprocessor(), intercept, Arrays.copyOf(found, weights));
    }
  }

  /// About the standard error of each weight: in units of these the loss is about equally curved
  /// every way, for common and rare categories alike, and few steps are needed.
  private double[] scales() {
    double[] squares = new double[offsets[columns.length] + 1];
    for (int j = 0; j < columns.length; j++) {
      boolean category = preprocessor.encodings().get(j) instanceof Encoding.Category;
      for (double x : columns[j]) {
        if (category) squares[offsets[j] + (int) x]++;
        else if (Double.isNaN(x)) squares[offsets[j] + 1]++;
        else squares[offsets[j]] += x * x;
      }
    }
    squares[squares.length - 1] = target.length;
    double[] scales = new double[squares.length];
    for (int i = 0; i < scales.length; i++) {
      double curve = 0.25 * squares[i] + (i < scales.length - 1 ? l2 : 0);
      scales[i] = curve > 0 ? 1 / Math.sqrt(curve) : 1;
    }
    return scales;
  }

  private Lbfgs.Function scaled(double[] scales) {
    double[] weights = new double[scales.length];
    return (x, gradient) -> {
      for (int i = 0; i < weights.length; i++) weights[i] = x[i] * scales[i];
      double loss = loss(weights, gradient);
      for (int i = 0; i < weights.length; i++) gradient[i] *= scales[i];
      return loss;
    };
  }

  /// An input's column as the model uses it: standardised (NaN where missing), or the place of the
  /// row's category among its weights.
  private double[] design(Training training, int input) {
    double[] column = preprocessor.column(training.features(), input);
    return switch (preprocessor.encodings().get(input)) {
      case Encoding.Number number -> {
        double[] standardised = new double[column.length];
        for (int i = 0; i < column.length; i++) {
          standardised[i] = Double.isNaN(column[i]) ? Double.NaN : number.standardised(column[i]);
        }
        yield standardised;
      }
      case Encoding.Category category -> {
        double[] places = new double[column.length];
        for (int i = 0; i < column.length; i++) places[i] = Linear.place(category, column[i]);
        yield places;
      }
    };
  }

  /// The loss at these weights (the intercept last), and its gradient.
  private double loss(double[] weights, double[] gradient) {
    int pieces = Math.ceilDiv(target.length, PIECE);
    List<Callable<double[]>> work = new ArrayList<>();
    for (int p = 0; p < pieces; p++) {
      int from = p * PIECE;
      int to = Math.min(target.length, from + PIECE);
      work.add(() -> piece(weights, from, to));
    }
    Arrays.fill(gradient, 0);
    double loss = 0;
    for (double[] part : all(work)) {
      for (int i = 0; i < gradient.length; i++) gradient[i] += part[i];
      loss += part[gradient.length];
    }
    for (int i = 0; i < gradient.length - 1; i++) {
      gradient[i] += l2 * weights[i];
      loss += 0.5 * l2 * weights[i] * weights[i];
    }
    return loss;
  }

  private List<double[]> all(List<Callable<double[]>> work) {
    List<double[]> parts = new ArrayList<>();
    try {
      for (Future<double[]> part : pool.invokeAll(work)) parts.add(part.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      Trainer.checkInterrupted();
      throw new AssertionError("the check above throws", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    return parts;
  }

  /// The gradient over some rows, and behind it their loss.
  private double[] piece(double[] weights, int from, int to) {
    double[] part = new double[weights.length + 1];
    double[] margin = new double[to - from];
    Arrays.fill(margin, weights[weights.length - 1]);
    for (int j = 0; j < columns.length; j++) {
      double[] column = columns[j];
      int at = offsets[j];
      if (preprocessor.encodings().get(j) instanceof Encoding.Category) {
        for (int i = from; i < to; i++) margin[i - from] += weights[at + (int) column[i]];
      } else {
        double weight = weights[at];
        double missing = weights[at + 1];
        for (int i = from; i < to; i++) {
          double x = column[i];
          margin[i - from] += Double.isNaN(x) ? missing : weight * x;
        }
      }
    }
    double loss = 0;
    for (int i = from; i < to; i++) {
      double m = margin[i - from];
      double signed = target[i] == 1 ? -m : m;
      // ln(1 + e^s), without overflow.
      loss += Math.max(signed, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(signed)));
      margin[i - from] = 1 / (1 + StrictMath.exp(-m)) - target[i];
    }
    addGradient(part, margin, from, to);
    part[weights.length] = loss;
    return part;
  }

  private void addGradient(double[] part, double[] residual, int from, int to) {
    double sum = 0;
    for (double r : residual) sum += r;
    part[part.length - 2] = sum;
    for (int j = 0; j < columns.length; j++) {
      double[] column = columns[j];
      int at = offsets[j];
      if (preprocessor.encodings().get(j) instanceof Encoding.Category) {
        for (int i = from; i < to; i++) part[at + (int) column[i]] += residual[i - from];
        continue;
      }
      double weight = 0;
      double missing = 0;
      for (int i = from; i < to; i++) {
        double x = column[i];
        if (Double.isNaN(x)) missing += residual[i - from];
        else weight += residual[i - from] * x;
      }
      part[at] = weight;
      part[at + 1] = missing;
    }
  }
}
