package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.unsupported;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The values behind the codes of categories, as a file lists them for columns of a data frame: the
/// code of a value is its place in the list of its column.
///
/// A text stands in a row as its code, a number as itself; true and false are 1 and 0. Filled by
/// one thread, then read by many.
final class Categories {
  private static final int VALUES_MAX = 1 << 20;
  private static final int TEXT_MAX = 1 << 16;

  /// Whole numbers of 64 bits from here on to [#LONG_MAX] are not told apart by doubles.
  private static final double WHOLE_MAX = 0x1p53;

  private static final double LONG_MAX = 0x1p64;
  private static final double[] NO_NUMBERS = {};

  /// Whether a value that is in no list is a missing one; else its row is refused.
  private final boolean isUnknownMissing;

  private final Map<String, Integer>[] texts;
  private final double[][] numbers;
  private final int[][] codes;
  private int values;
  private int lists;

  /// @param isUnknownMissing whether a value that is in no list is a missing one; else its row is
  ///   refused
  @SuppressWarnings({"unchecked", "rawtypes"})
  Categories(int width, boolean isUnknownMissing) {
    this.isUnknownMissing = isUnknownMissing;
    this.texts = new Map[width];
    this.numbers = new double[width][];
    this.codes = new int[width][];
    Arrays.fill(texts, Core.NUMBER);
    Arrays.fill(numbers, NO_NUMBERS);
  }

  /// NaN for a value that is in no list.
  ///
  /// @throws UnknownCategoryException where the library refuses such a row
  double unknown(int place, String value) {
    if (isUnknownMissing) return Double.NaN;
    throw new UnknownCategoryException(place, value);
  }

  boolean isEmpty() {
    return lists == 0;
  }

  /// Whether a value is of a category that has a list.
  boolean has(int place) {
    return texts[place] != Core.NUMBER || numbers[place] != NO_NUMBERS;
  }

  /// By place, the codes of texts; [Core#NUMBER] where there are none.
  List<Map<String, Integer>> texts() {
    return List.of(texts);
  }

  void texts(int place, List<String> listed) {
    count(listed.size());
    Map<String, Integer> known = new HashMap<>();
    for (String text : listed) {
      require(text.length() <= TEXT_MAX, "a category is a text of over 65,536 letters");
      require(known.put(text, known.size()) == null, "a category stands twice");
    }
    texts[place] = Collections.unmodifiableMap(known);
  }

  void numbers(int place, double[] listed) {
    count(listed.length);
    int[] order =
        IntStream.range(0, listed.length)
            .boxed()
            .sorted((a, b) -> Double.compare(listed[a] + 0.0, listed[b] + 0.0))
            .mapToInt(i -> i)
            .toArray();
    double[] sorted = new double[order.length];
    for (int i = 0; i < order.length; i++) {
      // 0 and -0 are one value.
      sorted[i] = listed[order[i]] + 0.0;
      require(!Double.isNaN(sorted[i]), "a category is not a number");
      double size = Math.abs(sorted[i]);
      if (size >= WHOLE_MAX && size <= LONG_MAX) {
        throw unsupported(
            "a category is a number beyond 2^53, which a double does not tell from its neighbours",
            "Make the column one of texts, and train again");
      }
      require(i == 0 || sorted[i] != sorted[i - 1], "a category stands twice");
    }
    numbers[place] = sorted;
    codes[place] = order;
  }

  private void count(int more) {
    lists++;
    require(more <= VALUES_MAX - values, "its columns have more than 1,048,576 categories");
    values += more;
  }

  /// The code of a number; NaN for NaN.
  private double code(int place, double value) {
    if (Double.isNaN(value)) return Double.NaN;
    int found = Arrays.binarySearch(numbers[place], value + 0.0);
    return found < 0 ? unknown(place, shown(value)) : codes[place][found];
  }

  private static String shown(double value) {
    boolean isWhole = value == Math.rint(value) && Math.abs(value) < WHOLE_MAX;
    return isWhole ? Long.toString((long) value) : Double.toString(value);
  }

  /// Margins over rows with the values of categories that are numbers.
  Margins over(Margins margins) {
    int[] places =
        IntStream.range(0, numbers.length).filter(i -> numbers[i] != NO_NUMBERS).toArray();
    return places.length == 0 ? margins : new Coded(margins, this, places);
  }

  /// @param places of the categories that are numbers
  private record Coded(Margins inner, Categories categories, int[] places) implements Margins {
    @Override
    public int width() {
      return inner.width();
    }

    @Override
    public int groups() {
      return inner.groups();
    }

    @Override
    public void margins(double[] rows, int from, int stride, double[] margins, int count) {
      double[] coded = Arrays.copyOfRange(rows, from, from + count * stride);
      for (int row = 0; row < coded.length; row += stride) {
        for (int place : places) coded[row + place] = categories.code(place, coded[row + place]);
      }
      inner.margins(coded, 0, stride, margins, count);
    }

    @Override
    public List<Tree> trees() {
      return inner.trees();
    }
  }
}
