/// How fast the house is, each figure beside a limit or a peer that was measured in the same run.
///
/// [Bench] runs everything and prints one table. What fits in a method is measured by JMH, the rest
/// by small programs of its own. Nothing here runs in the build.
@NullMarked
package dev.orrery.bench;

import org.jspecify.annotations.NullMarked;
