/// Evaluation: how good a model is, whether that is good enough, and whether another is better.
///
/// Words: a *metric* is a figure of scores against what came true; a *split* parts rows in order of
/// time, so that nothing learned was unknown at the moment it is tested on; a *gate* is a bound
/// that a candidate must keep before it is registered, and is *passed*, *failed* or, where the
/// figure is missing, *unknown*, which never counts as passed.
@NullMarked
package dev.orrery.evaluation;

import org.jspecify.annotations.NullMarked;
