/// Model formats and scoring: what a model takes, how its inputs are encoded, and how it scores.
///
/// Words: an *input* is a feature column the model takes; the *signature* is all of them in order;
/// a row is *encoded* when it is an array of doubles in the signature's order, with categories as
/// codes; a *margin* is a score before the link, a *score* the probability of the positive class
/// (or the value of a regression). A *package* is everything of a model that travels together, as
/// one text of bytes whose SHA-256 is the model's digest.
///
/// Knows no registry, no files and no training library. Limits: 16,384 slots (feature and manner of
/// missing), 16 million tree nodes. The engine itself is the module `scorer`; this part speaks of
/// it in tensors.
@NullMarked
package dev.orrery.model;

import org.jspecify.annotations.NullMarked;
