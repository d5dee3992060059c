package dev.orrery.train;

import java.util.ArrayDeque;
import java.util.Deque;

/// Minimises a smooth convex function (Nocedal and Wright, *Numerical Optimization*, 7.2), with a
/// line search that meets Wolfe's two conditions.
final class Lbfgs {
  private static final int MEMORY = 10;
  private static final int TRIES_MAX = 40;

  private final Function function;
  private final double gradientMax;

  interface Function {
    /// @param gradient is filled
    /// @return the value at x
    double at(double[] x, double[] gradient);
  }

  /// A step taken: of x, and of the gradient.
  private record Step(double[] x, double[] gradient, double product) {}

  /// @param gradientMax done once no part of the gradient is larger
  Lbfgs(Function function, double gradientMax) {
    this.function = function;
    this.gradientMax = gradientMax;
  }

  double[] minimise(double[] start, int iterations, TrainOptions.Progress progress) {
    double[] x = start.clone();
    double[] gradient = new double[x.length];
    double value = function.at(x, gradient);
    Deque<Step> steps = new ArrayDeque<>();
    for (int k = 1; k <= iterations; k++) {
      Trainer.checkInterrupted();
      if (largest(gradient) <= gradientMax) break;
      double[] direction = direction(gradient, steps);
      double slope = product(direction, gradient);
      if (!(slope < 0)) {
        steps.clear();
        direction = scaled(gradient, -1);
        slope = -product(gradient, gradient);
      }
      double first = steps.isEmpty() ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
      double[] nextGradient = new double[x.length];
      double[] next = new double[x.length];
      double nextValue = search(x, value, direction, slope, first, next, nextGradient);
      if (!(nextValue < value)) break;
      double[] s = minus(next, x);
      double[] y = minus(nextGradient, gradient);
      double product = product(s, y);
      if (product > 1e-300) {
        if (steps.size() == MEMORY) steps.removeFirst();
        steps.addLast(new Step(s, y, product));
      }
      x = next;
      value = nextValue;
      gradient = nextGradient;
      progress.at(k, iterations);
    }
    return x;
  }

  /// Doubles or halves the step until the value has fallen enough and the slope has flattened.
  private double search(
      double[] x,
      double value,
      double[] direction,
      double slope,
      double first,
      double[] next,
      double[] nextGradient) {
    double low = 0;
    double high = Double.POSITIVE_INFINITY;
    double step = first;
    double reached = value;
    for (int i = 0; i < TRIES_MAX; i++) {
      for (int j = 0; j < x.length; j++) next[j] = x[j] + step * direction[j];
      reached = function.at(next, nextGradient);
      if (!(reached <= value + 1e-4 * step * slope)) high = step;
      else if (product(nextGradient, direction) < 0.9 * slope) low = step;
      else return reached;
      step = Double.isInfinite(high) ? 2 * step : (low + high) / 2;
    }
    return reached;
  }

  private static double[] direction(double[] gradient, Deque<Step> steps) {
    double[] q = gradient.clone();
    double[] alphas = new double[steps.size()];
    int i = steps.size();
    for (var it = steps.descendingIterator(); it.hasNext(); ) {
      Step step = it.next();
      double alpha = product(step.x, q) / step.product;
      alphas[--i] = alpha;
      add(q, -alpha, step.gradient);
    }
    if (!steps.isEmpty()) {
      Step last = steps.getLast();
      double scale = last.product / product(last.gradient, last.gradient);
      for (int j = 0; j < q.length; j++) q[j] *= scale;
    }
    for (Step step : steps) {
      double beta = product(step.gradient, q) / step.product;
      add(q, alphas[i++] - beta, step.x);
    }
    return scaled(q, -1);
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  }

  private static void add(double[] to, double factor, double[] what) {
    for (int i = 0; i < to.length; i++) to[i] += factor * what[i];
  }

  private static double[] minus(double[] a, double[] b) {
    double[] difference = a.clone();
    add(difference, -1, b);
    return difference;
  }

  private static double[] scaled(double[] a, double factor) {
    double[] scaled = new double[a.length];
    for (int i = 0; i < a.length; i++) scaled[i] = factor * a[i];
    return scaled;
  }

  private static double largest(double[] a) {
    double most = 0;
    for (double x : a) most = Math.max(most, Math.abs(x));
    return most;
  }
}
