/// Features, declared once and computed by the same code for training and for serving.
///
/// Words: a *row view* computes features from the row's own columns; a *window view* aggregates,
/// per entity, the outcomes that became known in the window before the row's time; a *feature set*
/// is all views of a project, compiled against the columns of its data. A feature is named
/// `view.column` or, of a window, `view.column_2h`.
///
/// Point in time: a row at time t sees the outcomes known in (t - window, t], whatever the order in
/// which they arrive. Window sums are kept as whole millionths, so that training and serving agree
/// to the last bit.
///
/// Limits: 200 features, 1,000,000 entities a view, windows of at most 400 days; a value in a
/// window is cut at 9 billion.
///
/// Table: `feature_version`.
@NullMarked
package dev.orrery.feature;

import org.jspecify.annotations.NullMarked;
