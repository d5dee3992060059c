package dev.orrery.stats;

/// The distribution of Kolmogorov's D of one sample of n values against a continuous distribution.
///
/// The choice of method by n and x follows Simard and L'Ecuyer, *Computing the two-sided
/// Kolmogorov-Smirnov distribution*, J. Stat. Software 39 (2011), as SciPy does.
final class Kolmogorov {
  private static final double PI2 = Math.PI * Math.PI;
  private static final double PI4 = PI2 * PI2;
  private static final double PI6 = PI4 * PI2;

  private Kolmogorov() {}

  /// P(D > x).
  static double survival(double x, long n) {
    if (n <= 0) return Double.NaN;
    if (x >= 1) return 0;
    if (x <= 0) return 1;
    double t = n * x;
    if (t <= 0.5) return 1;
    if (t <= 1) {
      double log = 0;
      for (long i = 1; i <= n; i++) log += Math.log(i * (2 * t - 1) / n);
      return Math.clamp(1 - Math.exp(log), 0, 1);
    }
    if (t >= n - 1) return 2 * Math.pow(1 - x, n);
    if (x >= 0.5) return 2 * oneSided(n, x);
    double square = t * x;
    if (n <= 140) {
      return square <= 4 ? 1 - matrixPower((int) n, x) : Math.clamp(2 * oneSided(n, x), 0, 1);
    }
    if (square >= 370) return 0;
    if (square >= 2.2) return Math.clamp(2 * oneSided(n, x), 0, 1);
    if (n <= 100_000 && n * Math.pow(x, 1.5) <= 1.4) return 1 - matrixPower((int) n, x);
    return Math.clamp(1 - pelzGood(n, x), 0, 1);
  }

  /// P(D+ >= x), the one-sided probability (Smirnov 1944): a sum of positive terms.
  static double oneSided(long n, double x) {
    long last = (long) Math.floor(n * (1 - x));
    double logBinomial = 0;
    double sum = 0;
    for (long j = 0; j <= last; j++) {
      if (j > 0) logBinomial += Math.log((double) (n - j + 1) / j);
      double a = x + (double) j / n;
      double b = 1 - x - (double) j / n;
      if (b <= 0) break;
      sum += Math.exp(logBinomial + (j - 1) * Math.log(a) + (n - j) * Math.log(b));
    }
    return x * sum;
  }

  /// P(D <= x) by a power of a small matrix (Marsaglia, Tsang and Wang, 2003).
  static double matrixPower(int n, double x) {
    int k = (int) (n * x) + 1;
    int size = 2 * k - 1;
    double h = k - n * x;
    double[][] matrix = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) matrix[i][j] = i - j + 1 < 0 ? 0 : 1;
    }
    for (int i = 0; i < size; i++) {
      matrix[i][0] -= Math.pow(h, i + 1);
      matrix[size - 1][i] -= Math.pow(h, size - i);
    }
    matrix[size - 1][0] += 2 * h - 1 > 0 ? Math.pow(2 * h - 1, size) : 0;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        for (int g = 1; g <= i - j + 1; g++) matrix[i][j] /= g;
      }
    }
    // Scaled so that nothing over- or underflows: the true value is power * 2^exponent.
    int exponent = 0;
    int factorExponent = 0;
    double[][] power = identity(size);
    double[][] factor = matrix;
    for (int left = n; left > 0; left >>= 1) {
      if ((left & 1) == 1) {
        power = times(power, factor);
        exponent += factorExponent;
        exponent += rescaled(power, k - 1);
      }
      factor = times(factor, factor);
      factorExponent = 2 * factorExponent + rescaled(factor, k - 1);
    }
    double result = power[k - 1][k - 1];
    for (int i = 1; i <= n; i++) {
      result = result * i / n;
      if (result != 0 && result < 1e-140) {
        result = Math.scalb(result, 500);
        exponent -= 500;
      }
    }
    return Math.clamp(Math.scalb(result, exponent), 0, 1);
  }

  private static double[][] identity(int size) {
    double[][] identity = new double[size][size];
    for (int i = 0; i < size; i++) identity[i][i] = 1;
    return identity;
  }

  private static double[][] times(double[][] a, double[][] b) {
    int size = a.length;
    double[][] product = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int k = 0; k < size; k++) {
        double left = a[i][k];
        for (int j = 0; j < size; j++) product[i][j] += left * b[k][j];
      }
    }
    return product;
  }

  private static int rescaled(double[][] matrix, int middle) {
    if (matrix[middle][middle] <= 1e140) return 0;
    for (double[] row : matrix)
      for (int j = 0; j < row.length; j++) row[j] = Math.scalb(row[j], -465);
    return 465;
  }

  /// P(D <= x) by the expansion of Pelz and Good (1976), for n over about 100.
  static double pelzGood(long n, double x) {
    double z = Math.sqrt((double) n) * x;
    double z2 = z * z;
    double z4 = z2 * z2;
    double z6 = z4 * z2;
    double qLog = -PI2 / 8 / z2;
    if (qLog < -708) return 0;
    double q = Math.exp(qLog);
    double k2c = PI4 * (1 - 2 * z2) / 16;
    double k2b = (2 * z4 - 5 * z2) * PI2 / 4;
    double k2a = 6 * z6 + 2 * z4;
    double k3d = PI6 * (5 - 30 * z2) / 64;
    double k3c = PI4 * (-60 * z2 + 212 * z4) / 16;
    double k3b = PI2 * (135 * z4 - 96 * z6) / 4;
    double k3a = -30 * z6 - 90 * z4 * z4;
    double[] k = new double[4];
    int terms = (int) Math.ceil(16 * z / Math.PI);
    for (int i = terms; i > 0; i--) {
      double m2 = (2.0 * i - 1) * (2.0 * i - 1);
      double m4 = m2 * m2;
      double step = Math.pow(q, 8.0 * i);
      k[0] = k[0] * step + 1;
      k[1] = k[1] * step + (-z2 + PI2 / 4 * m2);
      k[2] = k[2] * step + (k2a + k2b * m2 + k2c * m4);
      k[3] = k[3] * step + (k3a + k3b * m2 + k3c * m4 + k3d * m4 * m2);
    }
    double scale = q * Math.sqrt(2 * Math.PI);
    k[0] *= scale / z;
    k[1] *= scale / (6 * z4);
    k[2] *= scale / (72 * z6 * z);
    k[3] *= scale / (6480 * z6 * z4);
    double q2 = Math.exp(-PI2 / 2 / z2);
    double second = 0;
    double third = 0;
    for (int i = terms; i > 0; i--) {
      double i2 = (double) i * i;
      double power = Math.pow(q2, i2);
      second += i2 * power;
      third += (3 * z2 - PI2 * i2) * i2 * power;
    }
    double root = Math.sqrt(2 * Math.PI);
    k[2] += second * PI2 * root / (-36 * z2 * z);
    k[3] += third * PI2 * root / (216 * z6);
    double rootN = Math.sqrt((double) n);
    return k[0] + k[1] / rootN + k[2] / n + k[3] / (n * rootN);
  }
}
