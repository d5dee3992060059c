package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.unsupported;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The categories that XGBoost writes since 3.1 into a model that it trained on a data frame: for
/// each feature `{"type", "values"}` of numbers, or `{"offsets", "values"}` of texts, whose bytes
/// stand one behind the other; without any offsets it is no category.
final class XgboostCategories {
  /// XGBoost 3.1 and 3.2 write as many bytes of a text as it has letters.
  private static final String CUT_SHORT =
      "its categories are not all ASCII, and XGBoost cuts such texts short, so that they cannot be"
          + " told apart";

  private XgboostCategories() {}

  /// The categories of a booster's model; empty where it lists none.
  static Categories read(Map<String, Object> model, int width) {
    Categories categories = new Categories(width, false);
    if (!model.containsKey("cats")) return categories;
    List<Object> listed = Doc.list(Doc.object(model, "cats"), "enc");
    if (listed.isEmpty()) return categories;
    require(listed.size() == width, "its categories are not one list for each feature");
    for (int f = 0; f < width; f++) {
      Map<String, Object> feature = Doc.object(listed.get(f), "enc");
      if (feature.containsKey("type")) {
        categories.numbers(f, Doc.numbers(feature, "values"));
        continue;
      }
      int[] offsets = Doc.integers(feature, "offsets");
      if (offsets.length > 0) categories.texts(f, texts(offsets, Doc.integers(feature, "values")));
    }
    return categories;
  }

  private static List<String> texts(int[] offsets, int[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      require(values[i] >= -128 && values[i] <= 255, "a letter of a category is no byte");
      if ((byte) values[i] < 0)
        throw unsupported(CUT_SHORT, "Write its categories in ASCII, or train on codes");
      bytes[i] = (byte) values[i];
    }
    boolean isWhole = offsets[0] == 0 && offsets[offsets.length - 1] == bytes.length;
    require(isWhole, "the offsets of categories do not fit their texts");
    List<String> texts = new ArrayList<>();
    for (int i = 1; i < offsets.length; i++) {
      int length = offsets[i] - offsets[i - 1];
      boolean isInside = length >= 0 && offsets[i] <= bytes.length;
      require(isInside, "the offsets of categories do not fit their texts");
      texts.add(new String(bytes, offsets[i - 1], length, StandardCharsets.US_ASCII));
    }
    return texts;
  }
}
