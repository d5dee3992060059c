package dev.orrery.inference;

import java.time.Duration;

/// How models of files are served.
///
/// @param loadedMax how many versions may be loaded at once; the least recently used goes first
/// @param bytesMax how many bytes their files may have together, while more than one is loaded
/// @param concurrencyMax how many requests of a model may run at once; 0 for as many as there are
///   cores, and no limit for models that answer within microseconds
/// @param queueMax how many more may wait for their turn
/// @param cacheEntries how many answers of a version are kept; 0 for none
/// @param batchMax rows that are put together into one run of the model; 1 for none
/// @param batchDelay how long a request waits for others to run with
public record CatalogOptions(
    int loadedMax,
    long bytesMax,
    int concurrencyMax,
    int queueMax,
    int cacheEntries,
    int batchMax,
    Duration batchDelay) {
  public static final CatalogOptions DEFAULT =
      new CatalogOptions(64, 8L << 30, 0, 128, 1_000, 1, Duration.ofMillis(2));

  public CatalogOptions withLoaded(int max, long bytes) {
    return new CatalogOptions(
        max, bytes, concurrencyMax, queueMax, cacheEntries, batchMax, batchDelay);
  }

  public CatalogOptions withConcurrency(int max, int queue) {
    return new CatalogOptions(loadedMax, bytesMax, max, queue, cacheEntries, batchMax, batchDelay);
  }

  public CatalogOptions withCache(int entries) {
    return new CatalogOptions(
        loadedMax, bytesMax, concurrencyMax, queueMax, entries, batchMax, batchDelay);
  }

  public CatalogOptions withBatches(int max, Duration delay) {
    return new CatalogOptions(
        loadedMax, bytesMax, concurrencyMax, queueMax, cacheEntries, max, delay);
  }
}
