package dev.orrery.replay;

import java.time.Duration;
import java.time.Instant;

/// How far a replay is.
///
/// @param virtual the moment that is played
/// @param share of its batches, 0 to 1
/// @param rowsPerSecond in this session
/// @param left how much longer it will take at this pace
public record Progress(
    Instant virtual,
    long predictions,
    long outcomes,
    double share,
    double rowsPerSecond,
    Duration left) {}
