/// Model formats and scoring: what a model takes, how its inputs are encoded, and how it scores.
///
/// Words: an *input* is a feature column the model takes; the *signature* is all of them in order;
/// a row is *encoded* when it is an array of doubles in the signature's order, with categories as
/// codes; a *margin* is a score before the link, a *score* the probability of the positive class
/// (or the value of a regression). A *package* is everything of a model that travels together, as
/// one text of bytes whose SHA-256 is the model's digest.
///
/// A *scorer* is a model of any format that answers tensors; a *port* is an input or output of it.
/// Trees are scored by the engine in the module `scorer`, other ONNX files in plain Java or by ONNX
/// Runtime, MLflow's `python_function` models by a process of their own.
///
/// Knows no registry and no training library. Limits: 16,384 slots (feature and manner of missing),
/// 16 million tree nodes.
@NullMarked
package dev.orrery.model;

import org.jspecify.annotations.NullMarked;
