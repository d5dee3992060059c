/// The top of the house: the entry and the composition root.
@NullMarked
package dev.orrery;

import org.jspecify.annotations.NullMarked;
