package dev.orrery.model;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Turns the values of a row into ranks: see [Forest].
final class Ranker {
  static final int SLOTS_MAX = 1 << 14;

  /// LightGBM takes values so near to zero for zero.
  private static final double ZERO = 1.0000000180025095e-35;

  private static final int RIGHT = 0;
  private static final int LEFT = 1;

  private final Feature[] features;
  private final Map<Integer, Integer> places = new HashMap<>();
  private final int slots;
  private final int rankMax;

  /// One used feature.
  ///
  /// @param at its place in the row
  /// @param slots place in the ranks by manner: of numbers `2 * missing + (left ? 1 : 0)`, of
  ///   categories 6; -1 if no node asks for it
  /// @param words of 32 categories, one more than the largest bitset needs
  private record Feature(int at, Thresholds thresholds, int[] slots, int words) {
    static final int CATEGORIES = 6;

    boolean needsRank() {
      for (int manner = 0; manner < CATEGORIES; manner++) if (slots[manner] >= 0) return true;
      return false;
    }
  }

  private Ranker(Feature[] features, int slots) {
    this.features = features;
    this.slots = slots;
    int most = 0;
    for (int i = 0; i < features.length; i++) {
      most = Math.max(most, features[i].thresholds().count());
      places.put(features[i].at(), i);
    }
    this.rankMax = most;
  }

  static Ranker of(LightGbmText text) {
    var thresholds = new TreeMap<Integer, TreeSet<Double>>();
    var manners = new TreeMap<Integer, boolean[]>();
    var words = new TreeMap<Integer, Integer>();
    for (LightGbmTree tree : text.trees()) {
      for (int i = 0; i < tree.feature().length; i++) {
        int f = tree.feature()[i];
        manners.computeIfAbsent(f, _ -> new boolean[Feature.CATEGORIES + 1])[manner(tree, i)] =
            true;
        thresholds.computeIfAbsent(f, _ -> new TreeSet<>());
        if (tree.categorical(i)) {
          int set = (int) tree.threshold()[i];
          int length = tree.categoryStart()[set + 1] - tree.categoryStart()[set];
          words.merge(f, length + 1, Math::max);
        } else {
          thresholds.get(f).add(tree.threshold()[i] + 0.0);
        }
      }
    }
    Feature[] features = new Feature[manners.size()];
    int slots = 0;
    int at = 0;
    for (var entry : manners.entrySet()) {
      int[] places = new int[Feature.CATEGORIES + 1];
      for (int m = 0; m < places.length; m++) places[m] = entry.getValue()[m] ? slots++ : -1;
      double[] sorted =
          thresholds.getOrDefault(entry.getKey(), new TreeSet<>()).stream()
              .mapToDouble(Double::doubleValue)
              .toArray();
      features[at++] =
          new Feature(
              entry.getKey(),
              new Thresholds(sorted),
              places,
              words.getOrDefault(entry.getKey(), 0));
    }
    LightGbmTree.require(slots < SLOTS_MAX, "it uses more than 16,383 features");
    return new Ranker(features, Math.max(1, slots));
  }

  private static int manner(LightGbmTree tree, int node) {
    int decision = tree.decision()[node];
    if ((decision & LightGbmTree.CATEGORICAL) != 0) return Feature.CATEGORIES;
    int missing = LightGbmTree.missing(decision);
    // Where nothing counts as missing, the default side is never asked for.
    boolean left = missing != 0 && (decision & LightGbmTree.DEFAULT_LEFT) != 0;
    return 2 * missing + (left ? LEFT : RIGHT);
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

  int words(int feature) {
    return find(feature).words();
  }

  int slot(LightGbmTree tree, int node) {
    return find(tree.feature()[node]).slots()[manner(tree, node)];
  }

  int place(int feature, double threshold) {
    return find(feature).thresholds().place(threshold);
  }

  private Feature find(int at) {
    return features[places.getOrDefault(at, -1)];
  }

  void rank(double[] row, int from, int[] ranks, int to) {
    for (Feature feature : features) {
      double x = row[from + feature.at()];
      int[] own = feature.slots();
      if (own[Feature.CATEGORIES] >= 0) {
        ranks[to + own[Feature.CATEGORIES]] = category(x, feature.words());
        if (!feature.needsRank()) continue;
      }
      rankNumber(feature, x, ranks, to);
    }
  }

  private static void rankNumber(Feature feature, double x, int[] ranks, int to) {
    int[] own = feature.slots();
    boolean nan = Double.isNaN(x);
    boolean zero = nan || Math.abs(x) <= ZERO;
    int rank = feature.thresholds().over(zero ? 0.0 : x);
    int right = feature.thresholds().count();
    if (own[0] >= 0) ranks[to + own[0]] = rank;
    if (own[2] >= 0) ranks[to + own[2]] = zero ? right : rank;
    if (own[3] >= 0) ranks[to + own[3]] = zero ? 0 : rank;
    if (own[4] >= 0) ranks[to + own[4]] = nan ? right : rank;
    if (own[5] >= 0) ranks[to + own[5]] = nan ? 0 : rank;
  }

  /// One more than the category, or a place whose bit is never set.
  private static int category(double x, int words) {
    int none = 32 * words - 1;
    if (Double.isNaN(x)) return none;
    int whole = (int) x;
    return whole < 0 || whole >= none - 1 ? none : whole + 1;
  }
}
