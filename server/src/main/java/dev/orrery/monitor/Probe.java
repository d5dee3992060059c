package dev.orrery.monitor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Measures what is not in the log: `cpu_usage`, `memory_usage` and `gpu_utilization` in percent,
/// `error_rate` as a share. What it does not know it leaves out.
@FunctionalInterface
public interface Probe {
  Map<String, Double> read();

  /// The machine's processors and memory.
  static Probe machine() {
    return () -> {
      var figures = new HashMap<String, Double>();
      if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
        double cpu = system.getCpuLoad();
        if (cpu >= 0) figures.put("cpu_usage", 100 * cpu);
        double total = system.getTotalMemorySize();
        double free = available(system.getFreeMemorySize());
        if (total > 0) figures.put("memory_usage", 100 * (1 - Math.min(1, free / total)));
      }
      return figures;
    };
  }

  /// What could be used: Linux counts its caches apart from free memory.
  private static double available(long free) {
    Path path = Path.of("/proc/meminfo");
    if (!Files.isReadable(path)) return free;
    try (var lines = Files.lines(path)) {
      return lines
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToDouble(line -> 1_024 * Double.parseDouble(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(free);
    } catch (IOException | NumberFormatException _) {
      return free;
    }
  }
}
