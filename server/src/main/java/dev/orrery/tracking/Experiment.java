package dev.orrery.tracking;

import java.time.Instant;

/// What gathers runs.
///
/// @param id a number written out; `0` is the experiment `Default`
public record Experiment(String id, String name, Instant createdAt, Instant updatedAt) {}
