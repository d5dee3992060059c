/// Datasets: declared columns and contract, validation, profiles, and versions by content.
///
/// Words: a *dataset* is a table that a project declares; its *outcome columns* become known only
/// after the row's time, its *targets* are formulas over them, all others are *inputs*; a
/// *contract* is what every row and the whole must keep; a *data version* is an immutable list of
/// parts (Parquet blobs) with a semantic version and a SHA-256 of its content.
///
/// A version's digest is over names, types and values in order, not over the file's bytes, so that
/// the same rows always have the same digest. Limits: 1,000 columns, 50,000,000 rows, 10,000 parts.
///
/// Table: `data_version`.
@NullMarked
package dev.orrery.data;

import org.jspecify.annotations.NullMarked;
