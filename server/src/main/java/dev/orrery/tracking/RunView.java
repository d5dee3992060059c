package dev.orrery.tracking;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A run as our own API shows it, with the columns that were asked for.
///
/// @param status `RUNNING`, `FINISHED` ...
/// @param lifecycle `active` or `deleted`
/// @param source the name of what ran, empty if it was not said
public record RunView(
    String id,
    String name,
    String experiment,
    String status,
    String lifecycle,
    String user,
    Instant startedAt,
    @Nullable Instant endedAt,
    String source,
    Map<String, Double> metrics,
    Map<String, String> params,
    Map<String, String> tags) {}
