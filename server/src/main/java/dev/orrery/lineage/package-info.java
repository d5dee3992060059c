/// What was made from what: typed edges between versions of anything.
///
/// Words: a *node* is one version of something (`model late-arrival@1.0.0`); an *edge* runs from a
/// source to what was made from it; *up* leads to the sources, *down* to all that would be touched
/// by a fault in a node.
///
/// Tables: `lineage`.
///
/// Limits: an answer has at most 10,000 edges; an impact counts at most 1,000,000 and names 1,000
/// nodes.
@NullMarked
package dev.orrery.lineage;

import org.jspecify.annotations.NullMarked;
