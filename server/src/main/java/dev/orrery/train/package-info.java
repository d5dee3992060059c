/// Training: candidates, the data they are fitted on, and the models that come out.
///
/// Words: a *candidate* is a way to make a model, with its parameters; *training* rows are features
/// with targets known to be true; whatever is fitted (dictionaries, scalers, weights, trees) is
/// fitted on those rows alone. The same rows, candidate and seed give the same bytes on any number
/// of threads.
///
/// LightGBM is the one native library; it is given native memory filled from the columns and
/// nothing of it outlives a call. Start the program with `OMP_WAIT_POLICY=PASSIVE` in the
/// environment: without it LightGBM's threads spin between steps and take the cores from serving.
/// Limits: 2^31 - 1 rows, 16,384 features.
@NullMarked
package dev.orrery.train;

import org.jspecify.annotations.NullMarked;
