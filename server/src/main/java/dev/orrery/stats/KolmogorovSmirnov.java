package dev.orrery.stats;

/// The two-sample test of Kolmogorov and Smirnov, two-sided, as SciPy's `ks_2samp` computes it.
///
/// @param statistic D, the largest distance of the two empirical distribution functions, 0 to 1
/// @param probability of a D so large if both samples come from one distribution
/// @param exact whether the probability is exact; else it is Kolmogorov's distribution at the
///   effective sample size
public record KolmogorovSmirnov(double statistic, double probability, boolean exact) {
  /// Up to this many values in the larger sample, and [#CELLS_MAX] lattice cells, it is exact.
  public static final int EXACT_MAX = 10_000;

  /// Above so many cells the exact count would take over a tenth of a second; SciPy has no such
  /// bound, so beyond it our figure is its asymptotic one.
  private static final long CELLS_MAX = 20_000_000L;

  /// @param first values in any order; NaN is left out
  /// @param second the same
  public static KolmogorovSmirnov of(double[] first, double[] second) {
    return sorted(Bins.present(first), Bins.present(second));
  }

  /// The same over sorted samples without NaN.
  public static KolmogorovSmirnov sorted(double[] first, double[] second) {
    if (first.length == 0 || second.length == 0) {
      throw new IllegalArgumentException("a sample is empty");
    }
    boolean exact =
        Math.max(first.length, second.length) <= EXACT_MAX
            && (long) first.length * second.length <= CELLS_MAX;
    double d = distance(first, second);
    return new KolmogorovSmirnov(
        d,
        exact ? exact(d, first.length, second.length) : asymptotic(d, first.length, second.length),
        exact);
  }

  /// The same by Kolmogorov's distribution whatever the sizes: fast, and near for large samples.
  public static KolmogorovSmirnov sortedAsymptotic(double[] first, double[] second) {
    if (first.length == 0 || second.length == 0) {
      throw new IllegalArgumentException("a sample is empty");
    }
    double d = distance(first, second);
    return new KolmogorovSmirnov(d, asymptotic(d, first.length, second.length), false);
  }

  /// The test where D and the sizes of the samples are known already.
  ///
  /// @param cellsMax up to so many lattice cells (the product of the sizes) it is exact
  public static KolmogorovSmirnov at(double d, long first, long second, long cellsMax) {
    if (first < 1 || second < 1 || Math.max(first, second) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("samples of %d and %d values".formatted(first, second));
    }
    boolean exact = first * second <= Math.min(cellsMax, CELLS_MAX);
    double probability =
        exact ? exact(d, (int) first, (int) second) : asymptotic(d, (int) first, (int) second);
    return new KolmogorovSmirnov(d, probability, exact);
  }

  /// D of two sorted samples.
  static double distance(double[] first, double[] second) {
    double d = 0;
    int i = 0;
    int j = 0;
    while (i < first.length && j < second.length) {
      double x = Math.min(first[i], second[j]);
      while (i < first.length && first[i] <= x) i++;
      while (j < second.length && second[j] <= x) j++;
      d = Math.max(d, Math.abs((double) i / first.length - (double) j / second.length));
    }
    return d;
  }

  /// The share of lattice paths from (0, 0) to (m, n) that leave the band of width D (Hodges 1957),
  /// counted from outside so that small probabilities keep their digits.
  static double exact(double d, int first, int second) {
    int m = Math.max(first, second);
    int n = Math.min(first, second);
    long g = gcd(m, n);
    long lcm = m / g * n;
    long h = Math.round(d * lcm);
    if (h == 0) return 1;
    if (h > lcm) return 0;
    long mg = m / g;
    long ng = n / g;
    // outside[j]: probability that a random path to (i, j) has touched or left |x ng - y mg| >= h.
    double[] outside = new double[n + 1];
    for (int j = 1; j <= n; j++) outside[j] = j * mg >= h ? 1 : 0;
    for (int i = 1; i <= m; i++) {
      outside[0] = (long) i * ng >= h ? 1 : outside[0];
      for (int j = 1; j <= n; j++) {
        if (Math.abs(i * ng - j * mg) >= h) outside[j] = 1;
        else outside[j] = (outside[j] * i + outside[j - 1] * j) / (i + j);
      }
    }
    return Math.clamp(outside[n], 0, 1);
  }

  /// Kolmogorov's one-sample distribution at the effective size m n / (m + n), rounded.
  static double asymptotic(double d, int first, int second) {
    double size = (double) first * second / ((double) first + second);
    return Kolmogorov.survival(d, (long) Math.rint(size));
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
