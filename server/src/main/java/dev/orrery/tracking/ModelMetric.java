package dev.orrery.tracking;

import org.jspecify.annotations.Nullable;

/// A point of a metric that was measured of a logged model.
///
/// @param model the logged model's id
/// @param run the run that measured it
/// @param dataset the name of what it was measured on
/// @param datasetDigest the digest of that
public record ModelMetric(
    String model,
    String run,
    Metric point,
    @Nullable String dataset,
    @Nullable String datasetDigest) {}
