/// Models as clients of model servers know them: by name and version, with tensors in and out, over
/// the protocols that those clients speak. Knows nothing of projects, features or traffic.
///
/// Words: a *servable* is a named model with one or more versions that answers tensors; the
/// *catalog* is all of them. A servable may be a file of a model (`orrery serve`), or the endpoint
/// of a project, which does more than this part knows (features, log, traffic).
@NullMarked
package dev.orrery.inference;

import org.jspecify.annotations.NullMarked;
