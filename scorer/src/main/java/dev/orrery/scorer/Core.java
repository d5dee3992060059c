package dev.orrery.scorer;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A model as read from a file: what its values are called, its margins, and their link.
///
/// @param features names of the values of a row; empty where the file has none
/// @param face what the file calls its input and outputs; null where it does not
/// @param codes of texts, by the place of a value; [#NUMBER] where a value is a number
/// @param categories whose values the file lists; null where it lists none
record Core(
    List<String> features,
    Margins margins,
    Link link,
    @Nullable Face face,
    List<Map<String, Integer>> codes,
    @Nullable Categories categories) {
  /// Stands in [#codes] for a value that is no text.
  static final Map<String, Integer> NUMBER = Map.of();

  Core(List<String> features, Margins margins, Link link) {
    this(features, margins, link, null, List.of(), null);
  }

  Core(List<String> features, Margins margins, Link link, @Nullable Face face) {
    this(features, margins, link, face, List.of(), null);
  }

  Core withCodes(List<Map<String, Integer>> told) {
    return new Core(List.copyOf(features), margins, link, face, List.copyOf(told), null);
  }

  /// The same, over the values of categories.
  Core with(Categories listed) {
    if (listed.isEmpty()) return this;
    return new Core(features, listed.over(margins), link, face, listed.texts(), listed);
  }
}
