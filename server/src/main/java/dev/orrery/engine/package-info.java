/// Columnar tables, and SQL over files: DuckDB here.
///
/// Words: a *table* is named columns of one length; an *engine* reads Parquet and CSV files into
/// tables and writes tables as Parquet.
@NullMarked
package dev.orrery.engine;

import org.jspecify.annotations.NullMarked;
