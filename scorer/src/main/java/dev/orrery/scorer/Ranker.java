package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.require;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Turns the values of a row into ranks: see [Forest].
final class Ranker {
  static final int SLOTS_MAX = 1 << 14;

  /// LightGBM takes values so near to zero for zero.
  private static final double ZERO = 1.0000000180025095e-35;

  /// XGBoost takes no number from here on for a category.
  private static final double CATEGORIES_END = 1 << 24;

  private final Feature[] features;
  private final Map<Integer, Integer> places = new HashMap<>();
  private final Ensemble.Reading reading;
  private final int slots;
  private final int rankMax;

  /// One used feature.
  ///
  /// @param at its place in the row
  /// @param slots place in the ranks by manner; -1 if no node asks for it
  /// @param isNumber whether any node asks for a rank
  /// @param words of 32 categories, one more than the largest bitset needs
  private record Feature(int at, Thresholds thresholds, int[] slots, boolean isNumber, int words) {}

  private Ranker(Feature[] features, int slots, Ensemble.Reading reading) {
    this.features = features;
    this.slots = slots;
    this.reading = reading;
    int most = 0;
    for (int i = 0; i < features.length; i++) {
      most = Math.max(most, features[i].thresholds().count());
      places.put(features[i].at(), i);
    }
    this.rankMax = most + 1;
  }

  static Ranker of(Ensemble ensemble) {
    var thresholds = new TreeMap<Integer, TreeSet<Double>>();
    var manners = new TreeMap<Integer, boolean[]>();
    var words = new TreeMap<Integer, Integer>();
    for (Tree tree : ensemble.trees()) {
      for (int i = 0; i < tree.feature().length; i++) {
        int f = tree.feature()[i];
        int manner = tree.manner()[i];
        manners.computeIfAbsent(f, unused -> new boolean[Manner.COUNT])[Manner.slot(manner)] = true;
        TreeSet<Double> own = thresholds.computeIfAbsent(f, unused -> new TreeSet<>());
        if (tree.categorical(i)) {
          int set = (int) tree.threshold()[i];
          int length = tree.categoryStart()[set + 1] - tree.categoryStart()[set];
          words.merge(f, length + 1, Math::max);
        } else {
          own.add(tree.threshold()[i] + 0.0);
          if (Manner.isEqual(manner)) own.add(below(tree.threshold()[i]));
        }
      }
    }
    Feature[] features = new Feature[manners.size()];
    int slots = 0;
    int at = 0;
    for (var entry : manners.entrySet()) {
      int[] places = new int[Manner.COUNT];
      boolean isNumber = false;
      for (int m = 0; m < places.length; m++) {
        boolean asked = entry.getValue()[m];
        places[m] = asked ? slots++ : -1;
        isNumber |= asked && !Manner.isCategory(m);
      }
      double[] sorted =
          thresholds.getOrDefault(entry.getKey(), new TreeSet<>()).stream()
              .mapToDouble(Double::doubleValue)
              .toArray();
      features[at++] =
          new Feature(
              entry.getKey(),
              new Thresholds(sorted),
              places,
              isNumber,
              words.getOrDefault(entry.getKey(), 0));
    }
    require(slots < SLOTS_MAX, "it uses more than 16,383 features");
    return new Ranker(features, Math.max(1, slots), ensemble.reading());
  }

  /// The next smaller number, which stands between a threshold and everything under it.
  static double below(double threshold) {
    return Math.nextDown(threshold) + 0.0;
  }

  int slots() {
    return slots;
  }

  /// Words without a set bit that every rank may be looked up in.
  int wordsForRanks() {
    return Math.max(rankMax + 1 >>> 5, mostWords()) + 1;
  }

  private int mostWords() {
    int most = 0;
    for (Feature feature : features) most = Math.max(most, feature.words());
    return most;
  }

  /// How many words the bitset of a node has whose slot this is.
  int words(int feature, int manner) {
    Feature own = find(feature);
    return Manner.isEqual(manner) ? (own.thresholds().count() + 2 + 31) / 32 : own.words();
  }

  int slot(Tree tree, int node) {
    return find(tree.feature()[node]).slots()[Manner.slot(tree.manner()[node])];
  }

  int place(int feature, double threshold) {
    return find(feature).thresholds().place(threshold);
  }

  /// The rank that a missing value has in a slot of [Manner#EQUAL_NAN_RIGHT].
  int missingRank(int feature) {
    return find(feature).thresholds().count() + 1;
  }

  private Feature find(int at) {
    return features[places.getOrDefault(at, -1)];
  }

  void rank(double[] row, int from, int[] ranks, int to) {
    boolean isFloat = reading == Ensemble.Reading.FLOAT;
    for (Feature feature : features) {
      double given = row[from + feature.at()];
      double x = isFloat ? (float) given : given;
      if (feature.words() > 0) rankCategory(feature, x, ranks, to);
      if (feature.isNumber()) rankNumber(feature, x, ranks, to);
    }
  }

  private void rankNumber(Feature feature, double x, int[] ranks, int to) {
    int[] own = feature.slots();
    boolean nan = Double.isNaN(x);
    boolean zero = nan || reading == Ensemble.Reading.LIGHTGBM && Math.abs(x) <= ZERO;
    int rank = feature.thresholds().over(zero ? 0.0 : x);
    int right = feature.thresholds().count();
    if (own[0] >= 0) ranks[to + own[0]] = rank;
    if (own[2] >= 0) ranks[to + own[2]] = zero ? right : rank;
    if (own[3] >= 0) ranks[to + own[3]] = zero ? 0 : rank;
    if (own[4] >= 0) ranks[to + own[4]] = nan ? right : rank;
    if (own[5] >= 0) ranks[to + own[5]] = nan ? 0 : rank;
    if (own[9] >= 0) ranks[to + own[9]] = nan ? right + 1 : rank;
  }

  private static void rankCategory(Feature feature, double x, int[] ranks, int to) {
    int[] own = feature.slots();
    int none = noCategory(feature.words());
    boolean nan = Double.isNaN(x);
    int whole = (int) x;
    int rank = nan || whole < 0 || whole >= none - 2 ? none : whole + 1;
    if (own[6] >= 0) ranks[to + own[6]] = rank;
    boolean odd = x < 0 || x >= CATEGORIES_END;
    if (own[7] >= 0) ranks[to + own[7]] = nan ? none - 1 : odd ? none : rank;
  }

  /// The bit of whatever is no category; the one before it is that of a missing value, where the
  /// two differ.
  static int noCategory(int words) {
    return 32 * words - 1;
  }
}
