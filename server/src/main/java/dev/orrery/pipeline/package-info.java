/// The training pipeline: from rows to a version in service, through stages that survive the end of
/// their process.
///
/// Words: a *run* goes through the *stages* data, features, train, gate, register and deploy; the
/// *recipe* is what the project's definitions say of them; a stage that has finished is not done
/// again, and one that was cut short is done again under the next *attempt*. The *champion* is the
/// version in service; a run that *renews* trains its kind again on what became known since, and
/// compares the two on rows that neither was trained on. What the gates turn away ends a run as
/// *rejected*: that is an outcome, not a failure.
///
/// Rows are split in order of time: the last `holdout` validates, and what was known before its
/// first row is trained on. Whatever is fitted is fitted on those training rows alone, but for the
/// threshold, which is chosen on the validation rows. The best candidate is chosen on the rows that
/// the gates then measure it on, so its figures are a little too good; among a handful of
/// candidates that is much less than the gates' own margins.
///
/// Cross-validation goes through the most recent `rows` training rows (100,000 unless the project
/// says otherwise): it tells of the spread of the figures, and its cost is bounded.
///
/// Imports go down only: what lies above is asked through [Champions], [LiveRows] and [Deployer].
///
/// Tables: `pipeline_run`, `stage_run`.
///
/// Limits: one run of a model at a time; 3 tries at what fails but may mend.
@NullMarked
package dev.orrery.pipeline;

import org.jspecify.annotations.NullMarked;
