/// Serving: one endpoint answers predictions, keeps a log of them, joins their outcomes, and moves
/// traffic between model versions.
///
/// Words: the *champion* answers; a *canary* answers a share of the requests for a while and is
/// promoted or aborted; a *shadow* scores what others answered, from the log, off the client's
/// path; in an *A/B test* callers are split between *variants* until one verdict; of these *trials*
/// there is one at most. The *fallback* answers when the champion cannot. An *outcome* is what
/// became known of a prediction. The prediction log is a journal: what was answered is in it,
/// whole, before the answer leaves.
///
/// What a version is deployed with is its *blueprint*: the data, the features and the `serve`
/// block, kept in the store under its digest. Versions of one definition of features share a
/// *feed*. The *terms* are by what requests are read and answered at one moment.
///
/// The id of a prediction is a UUIDv7 that tells where in the log the prediction stands, so that no
/// index is needed to find it.
///
/// Limits: 4,096 rows a request, 10,000 remembered idempotency keys, 2,000,000 log segments.
///
/// Tables: `endpoint`, `deployment`, `blueprint`, `request_column`, `outcome`, `log_schema`,
/// `log_segment`.
@NullMarked
package dev.orrery.serving;

import org.jspecify.annotations.NullMarked;
