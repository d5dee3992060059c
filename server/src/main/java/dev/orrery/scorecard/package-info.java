/// What people want to know at a glance, computed from the rows of the other parts and from nothing
/// else: the loop and its stages, criteria that are met, failed or unknown, versions and traffic,
/// what to do next; where one prediction comes from; and what a change of a column would touch.
///
/// A measurement that is missing is unknown, never met.
@NullMarked
package dev.orrery.scorecard;

import org.jspecify.annotations.NullMarked;
