package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One comparison of one numeric feature, as people write it by hand.
///
/// A missing value does not fulfil the rule.
///
/// @param condition the comparison
/// @param input the place of the condition's column in the signature
/// @param shareIf share of positives among the training rows that fulfil it
/// @param shareElse among the others
public record Rule(Condition condition, int input, double shareIf, double shareElse)
    implements Model {
  public static final String KIND = "rule";

  /// A comparison of a column with a number: `origin_recent.late_share_2h > 0.4`.
  public record Condition(String column, String operator, double value) {
    private static final Pattern SHAPE =
        Pattern.compile("\\s*([^\\s<>=!]+)\\s*(<=|>=|==|!=|<|>)\\s*(\\S+)\\s*");

    /// @throws Problem of kind INVALID if it is not of the form `column operator number`
    public static Condition parse(String text) {
      Matcher matcher = SHAPE.matcher(text);
      try {
        if (matcher.matches()) {
          double value = Double.parseDouble(matcher.group(3));
          if (Double.isFinite(value)) {
            return new Condition(matcher.group(1), matcher.group(2), value);
          }
        }
      } catch (NumberFormatException _) {
        // Said below, with the whole rule.
      }
      throw new Problem(
          Fault.BAD_RULE,
          "'%s' is not a rule".formatted(Texts.shown(text)),
          "Write a column, one of < <= > >= == != and a number: 'recent.late_share > 0.4'");
    }

    /// The column's own name among these; a rule may leave out the name of its feature group.
    ///
    /// @throws Problem of kind INVALID if there is no such column
    public String among(Collection<String> columns) {
      if (columns.contains(column)) return column;
      var ending = columns.stream().filter(c -> c.endsWith("." + column)).toList();
      if (ending.size() == 1) return ending.getFirst();
      throw new Problem(
          Fault.BAD_RULE,
          "the rule names '%s', which is no feature".formatted(Texts.shown(column)),
          Texts.didYouMean(column, columns));
    }

    public boolean holds(double x) {
      return switch (operator) {
        case "<" -> x < value;
        case "<=" -> x <= value;
        case ">" -> x > value;
        case ">=" -> x >= value;
        case "==" -> x == value;
        case "!=" -> x < value || x > value;
        default -> throw new IllegalStateException(operator);
      };
    }

    @Override
    public String toString() {
      return column + " " + operator + " " + value;
    }
  }

  public Rule {
    checkShare(shareIf);
    checkShare(shareElse);
  }

  static void checkShare(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new Problem(
          Fault.BAD_PACKAGE,
          "a model holds the share %s".formatted(share),
          "Take the package from the run that made it");
    }
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public double score(double[] row) {
    return condition.holds(row[input]) ? shareIf : shareElse;
  }
}
