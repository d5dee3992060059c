package dev.orrery.filter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/// A piece of SQL and the values of its question marks, in order. What a client wrote is always a
/// value, never a piece.
public record SqlText(String sql, List<Object> args) {
  public SqlText {
    args = List.copyOf(args);
  }

  public static SqlText of(String sql, Object... args) {
    return new SqlText(sql, Arrays.asList(args));
  }

  /// This and another after it.
  public SqlText then(SqlText other) {
    var all = new ArrayList<>(args);
    all.addAll(other.args);
    return new SqlText(sql + other.sql, all);
  }

  public SqlText then(String more, Object... values) {
    return then(of(more, values));
  }

  public static SqlText join(String between, List<SqlText> parts) {
    var sql = new StringBuilder();
    var args = new ArrayList<>();
    for (SqlText part : parts) {
      if (!sql.isEmpty()) sql.append(between);
      sql.append(part.sql);
      args.addAll(part.args);
    }
    return new SqlText(sql.toString(), args);
  }

  /// A condition that holds where the filter matches.
  ///
  /// @param leaf the condition of one comparison; it must be true or false, never unknown, so that
  ///   `NOT` is everything else
  public static SqlText where(Filter filter, Function<Filter.Compare, SqlText> leaf) {
    return switch (filter) {
      case Filter.And and -> joined(" and ", and.of(), leaf);
      case Filter.Or or -> joined(" or ", or.of(), leaf);
      case Filter.Not not -> of("not ").then(where(not.of(), leaf));
      case Filter.Compare compare -> of("(").then(leaf.apply(compare)).then(")");
    };
  }

  private static SqlText joined(
      String between, List<Filter> parts, Function<Filter.Compare, SqlText> leaf) {
    var texts = parts.stream().map(part -> where(part, leaf)).toList();
    return of("(").then(join(between, texts)).then(")");
  }

  /// `column op value`, for every operator, alike on both databases: LIKE minds case and knows no
  /// escape. (On SQLite it rests on the connection's `case_sensitive_like`.)
  ///
  /// @param column a name of ours, never a client's
  public static SqlText compare(String column, Op op, Value value) {
    return switch (value) {
      case Value.Number number -> of(column + " " + op.text() + " ?", number.number());
      case Value.Texts list ->
          new SqlText(
              column
                  + (op == Op.NOT_IN ? " not in (" : " in (")
                  + String.join(", ", Collections.nCopies(list.texts().size(), "?"))
                  + ")",
              List.copyOf(list.texts()));
      case Value.Text text ->
          switch (op) {
            case LIKE -> of(column + " like ? escape '\\'", plain(text.text()));
            case ILIKE -> of("lower(" + column + ") like lower(?) escape '\\'", plain(text.text()));
            default -> of(column + " " + op.text() + " ?", text.text());
          };
    };
  }

  /// A pattern in which a backslash is a backslash.
  private static String plain(String pattern) {
    return pattern.replace("\\", "\\\\");
  }
}
