package dev.orrery.jobs;

/// What does the jobs of one kind.
@FunctionalInterface
public interface Handler {
  /// Does a job; when it returns, the job is done. What it throws is a failure: one that a
  /// repetition may mend is tried again after a pause, and the rest ends the job.
  ///
  /// When the lease is lost or the server stops, it is interrupted and should end soon, by
  /// throwing, as [Lease#check] does. That is no failure: the job runs again, elsewhere or later.
  void run(Job job, Lease lease);
}
