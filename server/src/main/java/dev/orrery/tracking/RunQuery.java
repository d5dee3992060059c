package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A search for runs as our own API takes it; everything may be left out.
///
/// @param experiments their ids; none: all
/// @param filter in the full grammar
/// @param order such as `metrics.auc desc`; the newest first otherwise
/// @param limit how many at most, 200 if it is not said
/// @param page what the page before gave as `next`
/// @param columns what to show of each run; everything if it is not said
/// @param count whether to count all that match
/// @param view `active`, `deleted` or `all`
public record RunQuery(
    @Nullable List<String> experiments,
    @Nullable String filter,
    @Nullable List<String> order,
    @Nullable Integer limit,
    @Nullable String page,
    @Nullable Columns columns,
    @Nullable Boolean count,
    @Nullable String view) {
  static final int LIMIT = 200;
  static final int LIMIT_MAX = 10_000;
  private static final int EXPERIMENTS_MAX = 1_000;
  private static final int COLUMNS_MAX = 1_000;

  /// Which columns to show, by name. A family that is left out is not shown; `["*"]` is all of it.
  public record Columns(
      @Nullable List<String> metrics, @Nullable List<String> params, @Nullable List<String> tags) {
    static final Columns ALL = new Columns(List.of("*"), List.of("*"), List.of("*"));

    public Columns {
      check(metrics);
      check(params);
      check(tags);
    }

    private static void check(@Nullable List<String> names) {
      if (names != null
          && (names.size() > COLUMNS_MAX || names.stream().anyMatch(Objects::isNull))) {
        throw new Problem(
            Fault.BAD_PARAMETER,
            "columns names %,d of a family".formatted(names.size()),
            "Name at most %,d, or \"*\" for all".formatted(COLUMNS_MAX));
      }
    }
  }

  public RunQuery {
    if (experiments != null && experiments.size() > EXPERIMENTS_MAX) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "%,d experiments are searched".formatted(experiments.size()),
          "Name at most %,d, or none for all".formatted(EXPERIMENTS_MAX));
    }
    if (limit != null && (limit < 1 || limit > LIMIT_MAX)) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "limit is %d".formatted(limit),
          "Give limit from 1 to %,d".formatted(LIMIT_MAX));
    }
    if (view != null && !List.of("active", "deleted", "all").contains(view)) {
      throw new Problem(
          Fault.BAD_PARAMETER, "view is '%s'".formatted(view), "Use active, deleted or all");
    }
  }

  int limitOrUsual() {
    return Objects.requireNonNullElse(limit, LIMIT);
  }

  Columns columnsOrAll() {
    return Objects.requireNonNullElse(columns, Columns.ALL);
  }

  View seen() {
    if (view == null || view.equals("active")) return View.ACTIVE_ONLY;
    return view.equals("all") ? View.ALL : View.DELETED_ONLY;
  }

  boolean isCounted() {
    return Boolean.TRUE.equals(count);
  }
}
