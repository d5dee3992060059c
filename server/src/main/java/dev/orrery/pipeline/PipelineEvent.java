package dev.orrery.pipeline;

import java.util.UUID;

/// What happens in a run, told as it happens. What is told has been written already, but for
/// [Progressed].
public sealed interface PipelineEvent {
  UUID run();

  record StageBegan(UUID run, Stage stage, long attempt) implements PipelineEvent {}

  /// @param what is being done: `lightgbm: 120 of 200`
  /// @param share of the stage that is done, 0 to 1, as far as can be told
  record Progressed(UUID run, Stage stage, String what, double share) implements PipelineEvent {}

  /// @param ended the attempt, with its output or its failure
  record StageEnded(UUID run, StageRun ended) implements PipelineEvent {}

  record RunEnded(UUID run, PipelineRun ended) implements PipelineEvent {}
}
