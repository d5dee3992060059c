package dev.orrery.sql;

import java.util.List;

/// What is known of the pages that rows stand in.
///
/// @param why where pages have no checksums that Orrery looks at, why; else empty
/// @param checked how many have been looked at so far
/// @param of how many there are
public record PageReport(String why, int checked, int of, long bytes, List<Damaged> damaged) {
  /// @param page from 1
  /// @param name the table or index whose rows it holds
  public record Damaged(int page, String name) {}

  static PageReport none(String why) {
    return new PageReport(why, 0, 0, 0, List.of());
  }
}
