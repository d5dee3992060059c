/// Registered models: every version with the evidence of how it came to be, where it stands, and
/// how it came to stand there.
///
/// Words: a *registered model* is a name with *versions*, whoever registered them: a project's
/// pipeline ([ModelVersion], with all its evidence) or an MLflow client. Each has a number, which
/// is never used again, and a *semantic version*, which is derived, not chosen: what a model was
/// made of ([Make]) is compared with the version before, and the difference decides whether the
/// next is a major, a minor or a patch. A *stage* says how far a version has come; at most one
/// stands in Production. An *alias* names one version. A *move* is that a stage or an alias went
/// elsewhere: a row, and an entry of the audit log. A *source* is where a version's files are; it
/// is kept as text and never opened as a path or an address. A pipeline's version without its data
/// version, features version, code version, run or gate results is refused. Of a project's model
/// stage and traffic move together, through [Service].
///
/// Tables: `model_version`, `registered_model`, `registered_model_tag`, `registered_version`,
/// `registered_version_tag`, `registered_alias`, `registered_production`, `model_move`,
/// `model_approval`, `webhook`, `load_test`.
///
/// Limits: 10,000 versions in one list of a pipeline's; names of 256 characters, tags of 250 and
/// 100,000, aliases of 255; 1,000 webhooks, and six tries of a delivery.
@NullMarked
package dev.orrery.registry;

import org.jspecify.annotations.NullMarked;
