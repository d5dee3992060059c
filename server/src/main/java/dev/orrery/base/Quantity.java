package dev.orrery.base;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// A number with a unit, as people write limits: `< 100ms`, `1000 req/s`, `< 500MB`, `2 years`,
/// `30%`, `$10K/month`, `12h`, `0.85`.
///
/// @param value in the dimension's base unit: seconds, bytes, per second, a share of 1, dollars a
///   month, or a plain number
/// @param text as it was written
public record Quantity(Dimension dimension, double value, Bound bound, String text) {
  /// What is measured; quantities of one dimension can be compared.
  public enum Dimension {
    NUMBER,
    SECONDS,
    BYTES,
    PER_SECOND,
    SHARE,
    DOLLARS_PER_MONTH
  }

  /// On which side of the value a measurement must lie, if the text says so.
  public enum Bound {
    NONE,
    BELOW,
    AT_MOST,
    ABOVE,
    AT_LEAST
  }

  private record Unit(Dimension dimension, double factor) {}

  private static final Pattern SHAPE =
      Pattern.compile(
          "\\s*(<=|>=|<|>)?\\s*(\\$)?\\s*(-?[0-9][0-9_,]*(?:\\.[0-9]+)?)\\s*([KMB](?=/|\\s*$))?"
              + "\\s*([A-Za-z%/]*)\\s*");

  private static final Map<String, Unit> UNITS =
      Map.ofEntries(
          Map.entry("", new Unit(Dimension.NUMBER, 1)),
          Map.entry("%", new Unit(Dimension.SHARE, 0.01)),
          Map.entry("us", new Unit(Dimension.SECONDS, 1e-6)),
          Map.entry("ms", new Unit(Dimension.SECONDS, 1e-3)),
          Map.entry("s", new Unit(Dimension.SECONDS, 1)),
          Map.entry("m", new Unit(Dimension.SECONDS, 60)),
          Map.entry("min", new Unit(Dimension.SECONDS, 60)),
          Map.entry("h", new Unit(Dimension.SECONDS, 3_600)),
          Map.entry("hour", new Unit(Dimension.SECONDS, 3_600)),
          Map.entry("hours", new Unit(Dimension.SECONDS, 3_600)),
          Map.entry("d", new Unit(Dimension.SECONDS, 86_400)),
          Map.entry("day", new Unit(Dimension.SECONDS, 86_400)),
          Map.entry("days", new Unit(Dimension.SECONDS, 86_400)),
          Map.entry("w", new Unit(Dimension.SECONDS, 7 * 86_400)),
          Map.entry("week", new Unit(Dimension.SECONDS, 7 * 86_400)),
          Map.entry("weeks", new Unit(Dimension.SECONDS, 7 * 86_400)),
          Map.entry("month", new Unit(Dimension.SECONDS, 30.436875 * 86_400)),
          Map.entry("months", new Unit(Dimension.SECONDS, 30.436875 * 86_400)),
          Map.entry("year", new Unit(Dimension.SECONDS, 365.2425 * 86_400)),
          Map.entry("years", new Unit(Dimension.SECONDS, 365.2425 * 86_400)),
          Map.entry("b", new Unit(Dimension.BYTES, 1)),
          Map.entry("kb", new Unit(Dimension.BYTES, 1e3)),
          Map.entry("mb", new Unit(Dimension.BYTES, 1e6)),
          Map.entry("gb", new Unit(Dimension.BYTES, 1e9)),
          Map.entry("tb", new Unit(Dimension.BYTES, 1e12)),
          Map.entry("kib", new Unit(Dimension.BYTES, 1024)),
          Map.entry("mib", new Unit(Dimension.BYTES, 1024 * 1024)),
          Map.entry("gib", new Unit(Dimension.BYTES, 1024.0 * 1024 * 1024)),
          Map.entry("req/s", new Unit(Dimension.PER_SECOND, 1)),
          Map.entry("rps", new Unit(Dimension.PER_SECOND, 1)),
          Map.entry("/s", new Unit(Dimension.PER_SECOND, 1)),
          Map.entry("$/month", new Unit(Dimension.DOLLARS_PER_MONTH, 1)),
          Map.entry("$/day", new Unit(Dimension.DOLLARS_PER_MONTH, 30.436875)),
          Map.entry("$/year", new Unit(Dimension.DOLLARS_PER_MONTH, 1.0 / 12)));

  /// @throws Problem of kind INVALID if there is no number or the unit is not known
  public static Quantity parse(String text) {
    var found = SHAPE.matcher(text);
    if (!found.matches()) throw bad(text);
    String dollar = found.group(2) == null ? "" : "$";
    Unit unit = UNITS.get(dollar + found.group(5).toLowerCase(Locale.ROOT));
    if (unit == null) throw bad(text);
    double factor =
        switch (String.valueOf(found.group(4))) {
          case "K" -> 1e3;
          case "M" -> 1e6;
          case "B" -> 1e9;
          default -> 1;
        };
    Bound bound =
        switch (String.valueOf(found.group(1))) {
          case "<" -> Bound.BELOW;
          case "<=" -> Bound.AT_MOST;
          case ">" -> Bound.ABOVE;
          case ">=" -> Bound.AT_LEAST;
          default -> Bound.NONE;
        };
    // In decimals, so that 99.9% is 0.999 and not the double above it.
    double value =
        new BigDecimal(found.group(3).replaceAll("[_,]", ""))
            .multiply(BigDecimal.valueOf(factor))
            .multiply(BigDecimal.valueOf(unit.factor()))
            .doubleValue();
    return new Quantity(unit.dimension(), value, bound, text.strip());
  }

  /// Whether a measurement keeps to this quantity, read with `otherwise` where the text names no
  /// bound.
  public boolean admits(double measured, Bound otherwise) {
    return switch (bound == Bound.NONE ? otherwise : bound) {
      case BELOW -> measured < value;
      case AT_MOST -> measured <= value;
      case ABOVE -> measured > value;
      case AT_LEAST -> measured >= value;
      case NONE -> measured == value;
    };
  }

  private static Problem bad(String text) {
    return new Problem(
        Fault.BAD_QUANTITY,
        "'%s' is not a quantity".formatted(Texts.shown(text)),
        "Write a number and a unit, such as 100ms, 50MB, 1000 req/s, 30%, 14d or $10K/month");
  }
}
