package dev.orrery.inference;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Keeps what is loaded within its limits: the least recently used goes first.
final class Shelf {
  private final CatalogOptions options;
  private final List<FileVersion> all = new CopyOnWriteArrayList<>();

  /// Where texts that training had not seen are counted, once that is known.
  private volatile @Nullable UnseenMeters unseen;

  private final UnseenAlerts alerts = new UnseenAlerts(System::nanoTime);

  Shelf(CatalogOptions options) {
    this.options = options;
  }

  void add(FileVersion version) {
    all.add(version);
  }

  void remove(FileVersion version) {
    all.remove(version);
  }

  /// Counts texts that training had not seen, of all that is loaded and will be.
  void meter(UnseenMeters shown) {
    unseen = shown;
    for (FileVersion version : all) version.showUnseen();
  }

  /// Counts rows of a feature whose text training had not seen.
  void unseen(FileVersion version, String feature, int rows) {
    UnseenMeters shown = unseen;
    if (shown != null) shown.add(version.model, version.version, feature, rows);
    alerts.add(version.model, version.version, feature, rows);
  }

  /// One more has been loaded; others make room for it.
  void loaded(FileVersion fresh) {
    while (true) {
      List<FileVersion> loaded = all.stream().filter(FileVersion::isLoaded).toList();
      long bytes = loaded.stream().mapToLong(FileVersion::bytes).sum();
      if (loaded.size() <= options.loadedMax() && bytes <= options.bytesMax()) return;
      Optional<FileVersion> oldest =
          loaded.stream()
              .filter(version -> version != fresh)
              .min(Comparator.comparingLong(v -> v.usedNanos() - fresh.usedNanos()));
      if (oldest.isEmpty()) return;
      oldest.get().evict();
    }
  }
}
