package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.damaged;
import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.unsupported;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The lists of categories that LightGBM's Python package writes behind a model that it trained on
/// a data frame: `pandas_categorical:[["a", "b"], [1, 5]]`, one for each column of the type
/// `category`, in the order of the features.
///
/// The file does not say which features those are. What it says: the features that were categorical
/// (in `feature_infos`, and among the parameters, which name the constant ones too). Ordered
/// categories are lists as well, and features like numbers, of the codes from 0 on.
final class LightGbmCategories {
  private static final String KEY = "\npandas_categorical:";
  private static final int LINE_MAX = 1 << 26;
  private static final int LISTS_MAX = 4_096;
  private static final long STEPS_MAX = 1 << 24;
  private static final Pattern PARAMETER =
      Pattern.compile("(?m)^\\[categorical_feature: ([0-9]{1,9}(?:,[0-9]{1,9})*)]$");

  private final List<Object> lists;
  private final String[] infos;
  private final boolean[] isCategorical;

  private LightGbmCategories(List<Object> lists, String[] infos, boolean[] isCategorical) {
    this.lists = lists;
    this.infos = infos;
    this.isCategorical = isCategorical;
  }

  /// The categories of a model's text; empty where it lists none.
  ///
  /// @param end where its trees end
  /// @param infos of `feature_infos`; null where it is missing
  static Categories read(String text, int end, int width, @Nullable String infos) {
    Categories categories = new Categories(width, true);
    List<Object> lists = lists(text, end);
    if (lists.isEmpty()) return categories;
    String[] words = infos == null ? new String[0] : infos.split(" ");
    require(words.length == width, "it lists categories, and feature_infos is not one a feature");
    require(lists.size() <= width, "it lists categories of more columns than it has features");
    boolean[] isCategorical = new boolean[width];
    for (int i = 0; i < width; i++) {
      isCategorical[i] = !words[i].startsWith("[") && !words[i].equals("none");
    }
    Matcher told = PARAMETER.matcher(text).region(end, text.length());
    if (told.find()) {
      for (String place : told.group(1).split(",")) {
        int f = Integer.parseInt(place);
        require(f < width, "categorical_feature names no feature");
        isCategorical[f] = true;
      }
    }
    int[] places = new LightGbmCategories(lists, words, isCategorical).places();
    for (int i = 0; i < places.length; i++) {
      if (lists.get(i) instanceof double[] numbers && numbers.length > 0) {
        categories.numbers(places[i], numbers);
      } else {
        categories.texts(places[i], texts(lists.get(i)));
      }
    }
    return categories;
  }

  private static List<Object> lists(String text, int end) {
    int at = text.lastIndexOf(KEY);
    if (at < end) return List.of();
    int from = at + KEY.length();
    int line = text.indexOf('\n', from);
    int to = line < 0 ? text.length() : line;
    require(text.substring(to).isBlank(), "something follows its pandas_categorical");
    require(to - from <= LINE_MAX, "its pandas_categorical is longer than 64 MiB");
    Object read;
    try {
      read = JsonReader.read(text.substring(from, to).getBytes(StandardCharsets.UTF_8));
    } catch (BadModelException e) {
      throw damaged(
          "pandas_categorical is not lists of texts alone or numbers alone ("
              + e.what().replace("the model is damaged: ", "")
              + ")");
    }
    if (read == Doc.NULL || (read instanceof double[] none && none.length == 0)) return List.of();
    require(read instanceof List<?>, "pandas_categorical is no list of lists");
    List<Object> lists = new ArrayList<>((List<?>) read);
    require(lists.size() <= LISTS_MAX, "it lists categories of more than 4,096 columns");
    return lists;
  }

  private static List<String> texts(Object list) {
    if (list instanceof double[]) return List.of();
    List<String> texts = new ArrayList<>();
    require(list instanceof List<?>, "pandas_categorical is no list of lists");
    for (Object value : (List<?>) list) {
      if (value instanceof String one) texts.add(one);
      else throw damaged("pandas_categorical is not lists of texts alone or numbers alone");
    }
    return texts;
  }

  /// The feature of each list. Where as many features are categorical as there are lists, they are
  /// those; else the only way in which the lists fit the features.
  private int[] places() {
    int[] categorical = new int[infos.length];
    int count = 0;
    for (int f = 0; f < infos.length; f++) if (isCategorical[f]) categorical[count++] = f;
    int[] places =
        count == lists.size()
            ? Arrays.copyOf(categorical, count)
            : count < lists.size() ? only() : null;
    if (places != null) {
      boolean fit = true;
      for (int i = 0; i < places.length; i++) fit &= fits(i, places[i]);
      if (fit) return places;
    }
    throw unsupported(
        "it lists the categories of %d columns, and does not say which of its features they are (%d are categorical)"
            .formatted(lists.size(), count),
        "Make no other columns categorical than those of the type category and none of one value"
            + " alone, or train on codes, as numbers");
  }

  /// The only way to give each list a feature, in order, so that every categorical one has one;
  /// null if there is none, or another.
  private int @Nullable [] only() {
    int width = infos.length;
    int count = lists.size();
    if ((long) (width + 1) * (count + 1) > STEPS_MAX) return null;
    // ways[f][i]: how many ways there are (2 stands for more) for lists from i, features from f.
    byte[][] ways = new byte[width + 1][count + 1];
    ways[width][count] = 1;
    for (int f = width - 1; f >= 0; f--) {
      for (int i = 0; i <= count; i++) {
        int with = i < count && fits(i, f) ? ways[f + 1][i + 1] : 0;
        int without = isCategorical[f] ? 0 : ways[f + 1][i];
        ways[f][i] = (byte) Math.min(2, with + without);
      }
    }
    if (ways[0][0] != 1) return null;
    int[] places = new int[count];
    int i = 0;
    for (int f = 0; f < width && i < count; f++) {
      if (fits(i, f) && ways[f + 1][i + 1] == 1) places[i++] = f;
    }
    return places;
  }

  /// Whether all that training saw of a feature are codes of this list.
  private boolean fits(int list, int feature) {
    int size =
        lists.get(list) instanceof double[] numbers
            ? numbers.length
            : ((List<?>) lists.get(list)).size();
    String info = infos[feature];
    if (info.equals("none")) return true;
    boolean isRange = info.startsWith("[") && info.endsWith("]");
    String[] codes = (isRange ? info.substring(1, info.length() - 1) : info).split(":");
    for (String code : codes) {
      try {
        double value = Double.parseDouble(code);
        boolean isCode = value >= 0 && value < size && value == Math.rint(value);
        if (!isCode && (isRange || value != -1)) return false;
      } catch (NumberFormatException e) {
        return false;
      }
    }
    return true;
  }
}
