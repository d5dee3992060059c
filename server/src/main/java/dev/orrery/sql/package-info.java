/// Rows: transactions, reads and migrations on SQLite or PostgreSQL, and the lock on a store.
///
/// Words: a *work* is what one caller wants done in one transaction; a *session* is one connection
/// with its prepared statements. [dev.orrery.sql.Db] is the face: a write is durable when it
/// returns.
///
/// SQL is written so that it runs unchanged on both databases: instants are bigint epoch
/// milliseconds, ids and JSON are text, booleans are smallint 0 or 1, `on conflict` does the
/// upserts. A part keeps its tables in `dev/orrery/PART/migrations`, in files named `V<part's
/// hundred>_<n>__what.sql`.
///
/// Limits: 10,000 works waiting for the writer; 256 works, or 2 ms (PostgreSQL: 8 ms), to a group;
/// 8 reading connections on SQLite, 15 on PostgreSQL; 30 s of waiting for either. SQLite keeps NaN
/// as null, so a column that may be NaN is nullable.
///
/// Tables: `flyway_schema_history`, which migrations write.
@NullMarked
package dev.orrery.sql;

import org.jspecify.annotations.NullMarked;
