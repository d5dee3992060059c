/// The ground: problems, names, ids, digests, quantities, clocks and JSON.
///
/// Knows nothing of machine learning and nothing of HTTP. Everything here is a value or a pure
/// function; nothing here opens a socket, and only [Disk] touches a file.
@NullMarked
package dev.orrery.base;

import org.jspecify.annotations.NullMarked;
