/// Experiment tracking: what was tried, with which parameters, and what came of it.
///
/// Words: an *experiment* gathers *runs*; a run has parameters (written once), tags (which change),
/// metrics (points of value, step and time) and artifacts (paths that name blobs). The rules are
/// MLflow's: a parameter keeps its first value, an equal metric point is kept once, the latest of a
/// metric is the greatest by step, time and value, and a run that has ended may still be written
/// to.
///
/// Tables: `experiment`, `experiment_tag`, `run`, `run_param`, `run_tag`, `metric_series` (a metric
/// of a run and the point that is shown), `metric_point`; `logged_dataset`, `run_input`,
/// `run_input_tag` (what runs read), `run_model` (logged models that they took and made),
/// `logged_model` and its `_param`, `_tag`, `_metric`; `run_unread`, `text_segment`, `text_gram`
/// (the index of the texts of runs). The files of runs are artifacts of `run/<id>`, those of logged
/// models of `model/<id>`.
///
/// Limits: keys of 250 characters, parameters of 6,000, tags of 8,000, names of 500; 1,000 metric
/// points, parameters or tags in one call; answers of 25,000 points. Of our own API: pages of
/// 10,000 runs, 1,000 groups, 500 series of 5,000 parts.
@NullMarked
package dev.orrery.tracking;

import org.jspecify.annotations.NullMarked;
