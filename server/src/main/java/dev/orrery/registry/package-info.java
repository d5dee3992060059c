/// Registered models: every version with the evidence of how it came to be.
///
/// Words: a *version* is semantic and is derived, not chosen: what a model was made of ([Make]) is
/// compared with its parent's, and the difference decides whether the next version is a major, a
/// minor or a patch. A version without its data version, features version, code version, run or
/// gate results is refused. Where a version is deployed is not known here.
///
/// Tables: `model_version`.
///
/// Limits: 10,000 versions in one list.
@NullMarked
package dev.orrery.registry;

import org.jspecify.annotations.NullMarked;
