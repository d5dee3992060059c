package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.damaged;
import static dev.orrery.scorer.BadModelException.require;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The categories that XGBoost writes since 3.1 into a model that it trained on a data frame: for
/// each feature `{"type", "values"}` of numbers, or `{"offsets", "values"}` of texts, whose bytes
/// stand one behind the other; without any offsets it is no category.
final class XgboostCategories {
  /// What XGBoost takes for the code of a value that it does not know: no node has it.
  private static final double UNKNOWN = -1;

  private XgboostCategories() {}

  /// The categories of a booster's model; empty where it lists none.
  static Categories read(Map<String, Object> model, int width) {
    Categories categories = new Categories(width, UNKNOWN);
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
      bytes[i] = (byte) values[i];
    }
    boolean isWhole = offsets[0] == 0 && offsets[offsets.length - 1] == bytes.length;
    require(isWhole, "the offsets of categories do not fit their texts");
    List<String> texts = new ArrayList<>();
    for (int i = 1; i < offsets.length; i++) {
      int length = offsets[i] - offsets[i - 1];
      boolean isInside = length >= 0 && offsets[i] <= bytes.length;
      require(isInside, "the offsets of categories do not fit their texts");
      try {
        var text = ByteBuffer.wrap(bytes, offsets[i - 1], length);
        texts.add(StandardCharsets.UTF_8.newDecoder().decode(text).toString());
      } catch (CharacterCodingException e) {
        throw damaged("a category is no UTF-8");
      }
    }
    return texts;
  }
}
