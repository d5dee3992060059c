package dev.orrery.pipeline;

/// Hears what happens in runs, in the thread that does it: it should be quick.
@FunctionalInterface
public interface PipelineListener {
  void on(PipelineEvent event);
}
