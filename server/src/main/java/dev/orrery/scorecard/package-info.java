/// What people want to know at a glance, computed from the rows of the other parts and from nothing
/// else: the loop and its stages, criteria that are met, failed or unknown, versions and traffic,
/// what to do next; and where one prediction comes from.
///
/// A measurement that is missing is unknown, never met.
@NullMarked
package dev.orrery.scorecard;

import org.jspecify.annotations.NullMarked;
