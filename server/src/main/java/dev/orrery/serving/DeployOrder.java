package dev.orrery.serving;

import dev.orrery.base.Semver;
import org.jspecify.annotations.Nullable;

/// A version that somebody asks to bring into traffic.
///
/// @param strategy null for the project's
/// @param force whether it goes on although it was made elsewhere; then `why` must say why
public record DeployOrder(
    Semver version, @Nullable Strategy strategy, String who, @Nullable String why, boolean force) {}
