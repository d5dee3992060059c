/// Monitor: whether what is served still does well, and still resembles what it was trained on.
///
/// Words: a *period* (a day, unless the project says otherwise) is checked once it has closed, with
/// what was known at its end; the *window* (seven days) is how far back drift and performance are
/// looked at, so that the rhythm of a week is no drift; a *finding* is something wrong that stays
/// open until a later check finds it right again. Too little data is a state of its own, and never
/// a finding resolved.
///
/// A check is one transaction and depends only on the log, the outcomes known at the period's end
/// and the moves of traffic before it: one that was cut short is made again, alike. Per period the
/// values of each feature are kept as counts, which add up to those of a window.
///
/// Limits: 1,000 periods a call; the counts of a period need some 2,000 numbers a feature.
///
/// Tables: `monitor_check`, `daily_performance`, `feature_count`, `drift_check`, `finding`.
@NullMarked
package dev.orrery.monitor;

import org.jspecify.annotations.NullMarked;
