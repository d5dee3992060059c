/// The language in which runs, experiments, models and versions are searched and ordered.
///
/// Words: a *comparison* sets a *key* (`metrics.auc`: an *entity* and a name) against a value by an
/// *operator*; a [Filter] is a tree of comparisons; an [Order] is a key and a direction; a
/// [Vocabulary] says which keys exist for a kind of thing and how each may be compared. The part
/// that owns the tables declares the vocabulary and turns comparisons into SQL by [SqlText].
///
/// Two grammars: MLflow's (comparisons joined by `AND`) and our own, which adds `OR`, `NOT`,
/// parentheses, unquoted numbers as texts and dates as times. Knows no tables.
///
/// Limits: a filter has at most 200,000 characters, 200 comparisons, 10,000 values in its lists and
/// a depth of 50; an order has at most 50 keys. Every mistake is a `Problem` that names the
/// character it stands at; no input gets any other exception out of here.
@NullMarked
package dev.orrery.filter;

import org.jspecify.annotations.NullMarked;
