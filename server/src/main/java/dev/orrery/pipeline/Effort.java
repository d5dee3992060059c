package dev.orrery.pipeline;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a piece of work took of the machine: seconds by a stopwatch, seconds of processor, and the
/// most memory that the process held meanwhile.
///
/// Measured of the whole process, because training libraries use threads of their own: what else
/// the server did meanwhile is in it. Memory is that of Linux, and not told elsewhere.
record Effort(double wallSeconds, double cpuSeconds, long peakBytes) {
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final Path STATUS = Path.of("/proc/self/status");

  /// Begins to measure; to be asked once at the end.
  static Watch begin() {
    return new Watch();
  }

  static final class Watch {
    private final long wall = System.nanoTime();
    private final long cpu = cpuNanos();

    private Watch() {
      try {
        Files.writeString(CLEAR, "5"); // begins the peak anew
      } catch (IOException | SecurityException _) {
        // Where it cannot be begun anew, the peak is that since the start.
      }
    }

    Effort end() {
      return new Effort((System.nanoTime() - wall) / 1e9, (cpuNanos() - cpu) / 1e9, peakMemory());
    }
  }

  /// As tags of a run.
  SortedMap<String, String> tags() {
    var tags = new TreeMap<String, String>();
    tags.put("orrery.resource.wall_seconds", "%.3f".formatted(wallSeconds));
    tags.put("orrery.resource.cpu_seconds", "%.3f".formatted(cpuSeconds));
    if (peakBytes > 0) tags.put("orrery.resource.peak_memory_bytes", Long.toString(peakBytes));
    return tags;
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  private static long peakMemory() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException | NumberFormatException _) {
      // Another system: the memory is not told.
    }
    return 0;
  }
}
