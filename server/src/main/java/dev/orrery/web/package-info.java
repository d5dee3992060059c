/// The HTTP server: routes with their permission, one gate in front of all of them, limits,
/// server-sent events, metrics and the console's files.
///
/// Parts know [Routes], [Request] and [Response]; that Armeria carries them is known here alone. A
/// *lane* is a bounded class of work, so that a flood of one class does not starve another; health
/// has no lane and always answers. The *wire guard* stands before the HTTP decoder and refuses what
/// could be understood in two ways.
///
/// Limits: a request line of 16 KB, a header of 16 KB, 64 KB and 100 fields of headers, a body of 1
/// MB unless its route says otherwise, 10 s for the headers, 1 KB/s for a body after 10 s, 30 s for
/// an answer, 60 s of idleness.
@NullMarked
package dev.orrery.web;

import org.jspecify.annotations.NullMarked;
