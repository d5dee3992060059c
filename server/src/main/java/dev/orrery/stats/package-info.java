/// Statistics: pure functions over arrays, and the small records that hold a distribution.
///
/// Words: a *reference* is the distribution at training time, *bins* the cells in which it is
/// counted, *drift* a distance between the counts then and now. A *sample* is a bounded number of
/// values that stand for all. Nothing here keeps state, reads a clock or draws unseeded numbers.
@NullMarked
package dev.orrery.stats;

import org.jspecify.annotations.NullMarked;
