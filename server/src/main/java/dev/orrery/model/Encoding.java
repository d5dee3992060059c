package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How one input becomes a number, with all that was fitted on training rows.
public sealed interface Encoding {
  /// The largest number of categories that get a code of their own.
  int CATEGORIES_MAX = 10_000;

  /// A number as it is; the mean and deviation serve models that want it standardised.
  ///
  /// @param mean of the training values that were present and finite; 0 if there were none
  /// @param deviation their population standard deviation; 1 if they were all equal
  record Number(double mean, double deviation) implements Encoding {
    /// Standardised values beyond this are cut, so that a margin stays finite.
    private static final double LIMIT = 1e9;

    public Number {
      if (!Double.isFinite(mean) || !(deviation > 0) || Double.isInfinite(deviation)) {
        throw new Problem(
            Fault.BAD_PACKAGE,
            "a scaler has mean %s and deviation %s".formatted(mean, deviation),
            "Take the package from the run that made it");
      }
    }

    /// @return 0 for NaN: the mean stands in for a missing value
    public double standardised(double value) {
      return Double.isNaN(value) ? 0 : Math.clamp((value - mean) / deviation, -LIMIT, LIMIT);
    }
  }

  /// A text as a code: 0 is the bucket of every other text, among them those unseen in training and
  /// those too rare there; the known ones follow from 1 in their order; a missing text is NaN.
  ///
  /// The rare ones are kept by their texts, so that what training never saw can be told from what
  /// it saw too seldom; a column of very many rare texts keeps none, and then nothing is told.
  final class Category implements Encoding {
    /// The code of texts that have none of their own.
    public static final int OTHER = 0;

    private final List<String> known;
    private final @Nullable Set<String> rare;
    private final Map<String, Integer> codes = new HashMap<>();

    public Category(List<String> known) {
      this(known, null);
    }

    /// @param rare the texts of training that have no code of their own; null if they are not kept
    public Category(List<String> known, @Nullable List<String> rare) {
      this.known = List.copyOf(known);
      this.rare = rare == null ? null : new HashSet<>(rare);
      for (int i = 0; i < known.size(); i++) {
        if (codes.put(known.get(i), i + 1) != null || i >= CATEGORIES_MAX) {
          throw new Problem(
              Fault.BAD_PACKAGE,
              "a dictionary of categories names one twice or more than %d"
                  .formatted(CATEGORIES_MAX),
              "Take the package from the run that made it");
        }
      }
    }

    public List<String> known() {
      return known;
    }

    /// The texts that training saw too seldom for a code of their own, in order; null if they are
    /// not kept.
    public @Nullable List<String> rare() {
      return rare == null ? null : rare.stream().sorted().toList();
    }

    /// Whether texts that training never saw can be told from rare ones.
    public boolean tellsUnseen() {
      return rare != null;
    }

    /// Whether this is a text that training never saw; false where that cannot be told.
    public boolean isUnseen(@Nullable String text) {
      return text != null && rare != null && !codes.containsKey(text) && !rare.contains(text);
    }

    /// How many codes there are, [#OTHER] included.
    public int count() {
      return known.size() + 1;
    }

    public double code(@Nullable String text) {
      if (text == null) return Double.NaN;
      Integer code = codes.get(text);
      return code == null ? OTHER : code;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Category category
          && category.known.equals(known)
          && Objects.equals(category.rare, rare);
    }

    @Override
    public int hashCode() {
      return known.hashCode();
    }
  }
}
