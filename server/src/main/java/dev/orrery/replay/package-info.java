/// Replay: plays the rows of a recorded dataset against a server as if they happened now, on its
/// virtual clock, and proves afterwards that nothing that was answered got lost.
///
/// Words: a *recording* is the rows of a dataset with times in a window, in order of time; it is
/// played in *batches* of at most 30 virtual minutes. A batch tells every outcome that was known by
/// its end, then sends its rows to `POST /predict` under a key that names it, then moves the clock
/// to its end and waits until the server has done what became due. After the last row the clock
/// goes on by days until all outcomes are told.
///
/// The *ledger* is a file outside the server: what was intended before each batch, what was
/// answered after it. It is not synced, as a batch that is sent again under its key is answered as
/// before: a ledger may fall behind the server, and a server that falls behind it is found out. The
/// ids that were answered lie beside it, 16 bytes a row.
///
/// The server is known here by HTTP only.
///
/// Limits: 4,096 rows a request, 10,000 outcomes a request, outcomes up to 366 days after the end.
@NullMarked
package dev.orrery.replay;

import org.jspecify.annotations.NullMarked;
