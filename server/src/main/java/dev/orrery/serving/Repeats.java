package dev.orrery.serving;

import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Which features are columns of the request as they were sent, so that they need not be written
/// twice: guessed from the first requests of a kind, and checked for each.
///
/// Safe for use by many threads: a guess that two of them change at once is a worse guess, no
/// error.
final class Repeats {
  /// No column of the request.
  static final int NONE = -1;

  /// The places that a byte holds beside [#NONE].
  private static final int PLACES_MAX = 255;

  /// Guesses for one feature; after them it is taken as computed.
  private static final int GUESSES_MAX = 16;

  private static final int KINDS_MAX = 1_000;

  private record Kind(long raw, long features) {}

  private static final class Guess {
    final int[] places;
    final int[] wrong;

    Guess(int size) {
      places = new int[size];
      Arrays.fill(places, NONE);
      wrong = new int[size];
    }
  }

  private final Map<Kind, Guess> guesses = new ConcurrentHashMap<>();
  private volatile Map.Entry<Kind, Guess> last = Map.entry(new Kind(0, 0), new Guess(0));

  /// For each feature the place of the column of the request that it equals to the bit, or [#NONE].
  ///
  /// @param rawSchema, featuresSchema the ids of the tables' columns
  int[] of(long rawSchema, Column[] raw, long featuresSchema, Column[] features) {
    Guess guess = guess(rawSchema, featuresSchema, features.length);
    int[] places = new int[features.length];
    for (int i = 0; i < places.length; i++) places[i] = place(guess, i, features[i], raw);
    return places;
  }

  private Guess guess(long raw, long features, int size) {
    Map.Entry<Kind, Guess> recent = last;
    if (recent.getKey().raw == raw && recent.getKey().features == features) {
      return recent.getValue();
    }
    if (guesses.size() > KINDS_MAX) guesses.clear();
    Kind kind = new Kind(raw, features);
    Guess guess = guesses.computeIfAbsent(kind, _ -> new Guess(size));
    last = Map.entry(kind, guess);
    return guess;
  }

  private static int place(Guess guess, int at, Column feature, Column[] sent) {
    int place = guess.places[at];
    if (place != NONE && isSame(feature, sent[place])) return place;
    if (guess.wrong[at] >= GUESSES_MAX) return NONE;
    guess.wrong[at]++;
    int found = 0;
    int end = Math.min(sent.length, PLACES_MAX);
    while (found < end && !isSame(feature, sent[found])) found++;
    guess.places[at] = found < end ? found : NONE;
    return guess.places[at];
  }

  private static boolean isSame(Column one, Column other) {
    if (one == other) return true;
    return switch (one) {
      case Numbers(double[] values) ->
          other instanceof Numbers(double[] others) && isSame(values, others);
      case Times(long[] micros) ->
          other instanceof Times(long[] others) && Arrays.equals(micros, others);
      case Strings strings ->
          other instanceof Strings others && Arrays.equals(strings.values(), others.values());
    };
  }

  /// Every bit counts: a missing value of one kind is not one of another, nor 0.0 -0.0.
  private static boolean isSame(double[] values, double[] others) {
    for (int i = 0; i < values.length; i++) {
      if (Double.doubleToRawLongBits(values[i]) != Double.doubleToRawLongBits(others[i])) {
        return false;
      }
    }
    return true;
  }
}
