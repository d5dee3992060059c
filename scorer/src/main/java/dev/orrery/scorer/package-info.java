/// Models of trees, and linear ones, as training libraries write them, read and scored in plain
/// Java: LightGBM's text, XGBoost's JSON and UBJ, tree ensembles and linear models in ONNX, and the
/// packages of Orrery's own training.
///
/// Words: a *margin* is what a model adds up for a row, before the *link* makes a *score* of it. A
/// *group* is one of several outputs of a row. A *manner* is how a node compares and where it sends
/// a missing value.
///
/// The margin is bit-equal to that of the library that trained the model, added up in its order and
/// its precision; the score after the link is within 2 ulp. A linear model in ONNX answers within
/// what ONNX Runtime differs from itself over sizes of batches, or within 2 ulp of it. A file is
/// checked before anything of it is run: a damaged or hostile one is a [BadModelException].
///
/// Needs nothing but a JDK of version 17. Limits: files of 1 GiB, 16,383 slots (feature and
/// manner), 16 million nodes, 10,000 groups.
@NullMarked
package dev.orrery.scorer;

import org.jspecify.annotations.NullMarked;
