package dev.orrery.pipeline;

import dev.orrery.blob.Blobs;
import dev.orrery.data.Datasets;
import dev.orrery.feature.FeatureVersions;
import dev.orrery.jobs.Jobs;
import dev.orrery.project.Project;
import dev.orrery.registry.Registry;
import dev.orrery.sql.Db;
import dev.orrery.tracking.Tracking;
import java.time.InstantSource;
import java.util.function.Supplier;

/// What a pipeline is made of.
///
/// @param project reads the definitions as they are now; a run reads them when it begins, and again
///   when it goes on
/// @param threads for training; the model does not depend on it
/// @param clock says what is known: a run knows the world as of the moment it was asked for
public record Parts(
    Db db,
    Blobs blobs,
    Jobs jobs,
    Datasets datasets,
    FeatureVersions featureVersions,
    Tracking tracking,
    Registry registry,
    Supplier<Project> project,
    Champions champions,
    LiveRows liveRows,
    Deployer deployer,
    int threads,
    InstantSource clock) {}
