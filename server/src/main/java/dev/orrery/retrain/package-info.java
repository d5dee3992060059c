/// Retrain: whether the model should be trained again, and what becomes of it if it is.
///
/// Words: *signals* are what the monitor measured, the days since the last training and the rows
/// that became known since; the *policy* holds them against its limits and names *reasons*
/// (`accuracy_degradation`, `data_drift`, `scheduled_retrain`, `new_data_available`); a *decision*
/// is made once after each check of the monitor; an *attempt* is a training that a decision
/// started, followed until it is rejected, failed, promoted or aborted.
///
/// A signal that is missing gives no reason, and the decision says that it is missing. A decision
/// to train is held while a training or a canary is under way, and for the cooldown after the last
/// training began; the first deployment counts as a training. All state is in rows, and an attempt
/// is written before its training is started: one that was cut short goes on.
///
/// Tables: `retrain_decision`, `retrain_attempt`.
@NullMarked
package dev.orrery.retrain;

import org.jspecify.annotations.NullMarked;
