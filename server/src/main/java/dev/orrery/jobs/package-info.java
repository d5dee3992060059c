/// Durable work: a submitted job runs until it has ended, whatever happens to the processes that
/// run it.
///
/// Words: a *job* has a kind, which names its handler, and a key, which is unique among the
/// unfinished jobs of its kind; a worker that takes a job holds its *lease*; each taking raises the
/// job's *epoch*, which is also the number of its attempt; a write is *fenced* if it happens only
/// while the lease holds. A job may run more than once, so its handler writes fenced, or does again
/// only what it may do again.
///
/// No clock decides who holds a lease: the holder raises the job's *beat*, and a job whose beat
/// another server has seen stand still for 15 s, by that server's own stopwatch, is taken over. In
/// a store that one process owns, the jobs of a dead process are free at its next start.
///
/// Tables: `job`.
///
/// Limits: 64 workers; 1 MB of payload; 100 attempts; the first 1,000 ready jobs are looked at.
@NullMarked
package dev.orrery.jobs;

import org.jspecify.annotations.NullMarked;
