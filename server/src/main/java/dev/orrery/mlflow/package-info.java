/// MLflow's wire rules, for every part that answers its clients: reading messages, writing answers,
/// page tokens, and the paths they stand under. It stores nothing and knows no experiment.
///
/// Words: a *message* is what a client sends, as JSON or as a query; an *answer* is what it gets:
/// fields that are not set and empty lists are left out, whole numbers of 64 bits are numbers, a
/// metric that is not a number is the text `NaN`, an infinite one the largest double.
///
/// A handler of a read takes a [Message]; a handler of a write takes the [dev.orrery.sql.Tx] of its
/// transaction too, and its answer is kept with it under the request's `Idempotency-Key`. What is
/// wrong is a [dev.orrery.base.Problem] whose text begins as MLflow's own does, because clients
/// match it.
///
/// Limits: bodies of 4 MB, objects nested 100 deep, numbers of 400 characters.
@NullMarked
package dev.orrery.mlflow;

import org.jspecify.annotations.NullMarked;
