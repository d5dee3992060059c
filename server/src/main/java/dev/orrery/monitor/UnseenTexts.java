package dev.orrery.monitor;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.orrery.base.Texts;
import dev.orrery.model.Encoding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How many texts of a feature training had not seen, and which came most often.
///
/// @param texts rows that have a text at all
/// @param unseen those among them that training had not seen
/// @param most rows by text, made safe to print; the [#VALUES_MAX] most frequent ones of each
///   period, so that over several periods a text that was in none of them is not there
public record UnseenTexts(long texts, long unseen, SortedMap<String, Long> most) {
  static final int VALUES_MAX = 20;

  /// More different texts than this in a period are counted, but not told by name.
  private static final int DISTINCT_MAX = 10_000;

  public UnseenTexts {
    most = Collections.unmodifiableSortedMap(new TreeMap<>(most));
  }

  static UnseenTexts of(Encoding.Category category, @Nullable String[] values) {
    long texts = 0;
    long unseen = 0;
    Map<String, Long> counts = new HashMap<>();
    for (String value : values) {
      if (value == null) continue;
      texts++;
      if (!category.isUnseen(value)) continue;
      unseen++;
      String shown = Texts.shown(value);
      if (counts.size() < DISTINCT_MAX || counts.containsKey(shown)) {
        counts.merge(shown, 1L, Long::sum);
      }
    }
    return new UnseenTexts(texts, unseen, kept(counts));
  }

  /// The sum of two periods; a period that was not counted adds nothing.
  static @Nullable UnseenTexts sum(@Nullable UnseenTexts one, @Nullable UnseenTexts other) {
    if (one == null || other == null) return one == null ? other : one;
    Map<String, Long> both = new HashMap<>(one.most);
    other.most.forEach((text, rows) -> both.merge(text, rows, Long::sum));
    return new UnseenTexts(one.texts + other.texts, one.unseen + other.unseen, kept(both));
  }

  private static SortedMap<String, Long> kept(Map<String, Long> counts) {
    var kept = new TreeMap<String, Long>();
    for (var entry : ordered(counts)) {
      if (kept.size() == VALUES_MAX) break;
      kept.put(entry.getKey(), entry.getValue());
    }
    return kept;
  }

  private static List<Map.Entry<String, Long>> ordered(Map<String, Long> counts) {
    var entries = new ArrayList<>(counts.entrySet());
    entries.sort(
        Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
            .thenComparing(Map.Entry.comparingByKey()));
    return entries;
  }

  /// The share of unseen ones; 0 without texts.
  @JsonProperty(access = JsonProperty.Access.READ_ONLY)
  public double share() {
    return texts == 0 ? 0 : (double) unseen / texts;
  }

  /// The most frequent ones for people: `'ZZZ' (12), 'YYY' (3)`.
  String told(int count) {
    return ordered(most).stream()
        .limit(count)
        .map(entry -> "'%s' (%d)".formatted(entry.getKey(), entry.getValue()))
        .collect(Collectors.joining(", "));
  }
}
