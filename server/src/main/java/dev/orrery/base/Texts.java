package dev.orrery.base;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Texts as people read them: safe to print, and the nearest of several to what was typed.
public final class Texts {
  private static final int SHOWN_MAX = 80;

  private Texts() {}

  /// A user's text made safe and short enough to stand in a message: no control characters, at most
  /// 80 characters.
  public static String shown(String text) {
    String cut = text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...";
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
  }

  /// Whether a text can be written: no half of a surrogate pair stands alone in it.
  public static boolean isWhole(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) return false;
        i++;
      }
    }
    return true;
  }

  /// The known word nearest to the one typed, if one is near enough to be meant.
  public static Optional<String> nearest(String typed, Collection<String> known) {
    String word = typed.toLowerCase(Locale.ROOT);
    int allowed = Math.max(1, typed.length() / 3);
    return known.stream()
        .filter(k -> distance(word, k.toLowerCase(Locale.ROOT)) <= allowed)
        .min(
            Comparator.comparingInt((String k) -> distance(word, k.toLowerCase(Locale.ROOT)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /// `Did you mean 'x'`, or the known words where none is near.
  public static String didYouMean(String typed, Collection<String> known) {
    return nearest(typed, known)
        .map("Did you mean '%s'"::formatted)
        .orElseGet(() -> "Known here: " + shown(String.join(", ", known)));
  }

  /// How many letters must be added, dropped, changed or swapped with their neighbour; inputs
  /// longer than 200 characters count as far apart.
  static int distance(String a, String b) {
    if (a.length() > 200 || b.length() > 200) return Integer.MAX_VALUE;
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) cost[i][0] = i;
    for (int j = 0; j <= b.length(); j++) cost[0][j] = j;
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        cost[i][j] = Math.min(change, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean isSwap =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (isSwap) cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
    return cost[a.length()][b.length()];
  }
}
