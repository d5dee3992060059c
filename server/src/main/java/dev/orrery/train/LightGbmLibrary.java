package dev.orrery.train;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// LightGBM's native library, out of lightgbm4j's jar.
///
/// Unpacked to a folder of this process alone and deleted once loaded. (lightgbm4j's own loader
/// writes to one fixed path in the shared temporary folder, over the file that another process may
/// be running.)
final class LightGbmLibrary {
  private static boolean loaded;

  private LightGbmLibrary() {}

  /// Loads it once.
  ///
  /// @throws Problem of kind INTERNAL if it cannot be loaded on this machine
  static synchronized void load() {
    if (loaded) return;
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch", "");
    boolean arm = machine.equals("aarch64") || machine.equals("arm64");
    String folder = (os.contains("mac") ? "osx" : os.contains("windows") ? "windows" : "linux");
    String path = "/lightgbm4j/" + folder + (arm ? "/aarch64/" : "/x86_64/");
    List<String> files =
        switch (folder) {
          case "windows" -> List.of("lib_lightgbm.dll", "lib_lightgbm_swig.dll");
          case "osx" -> List.of("lib_lightgbm.dylib", "lib_lightgbm_swig.dylib");
          default -> List.of("lib_lightgbm.so", "lib_lightgbm_swig.so");
        };
    try {
      Path unpacked = Files.createTempDirectory("orrery-lightgbm");
      try {
        for (String file : files) load(path + file, unpacked.resolve(file));
      } finally {
        for (String file : files) remove(unpacked.resolve(file));
        remove(unpacked);
      }
    } catch (IOException | UnsatisfiedLinkError e) {
      throw new Problem(
              Fault.TRAINING_FAILED,
              "LightGBM's native library cannot be loaded: " + e.getMessage(),
              "Install libgomp1 (OpenMP's runtime), and see that the temporary folder is writable"
                  + " and not mounted noexec")
          .because(e);
    }
    loaded = true;
  }

  private static void load(String resource, Path file) throws IOException {
    try (InputStream in =
        com.microsoft.ml.lightgbm.lightgbmlibJNI.class.getResourceAsStream(resource)) {
      if (in == null) throw new IOException("there is none for this machine (" + resource + ")");
      Files.copy(in, file);
    }
    // Loaded for this class's loader, which is that of the native methods too.
    System.load(file.toString());
  }

  /// Windows keeps a loaded file; there it goes with the process.
  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      file.toFile().deleteOnExit();
    }
  }
}
