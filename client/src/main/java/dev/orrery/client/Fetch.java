package dev.orrery.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// Brings a file here: into a file beside the target first, which takes its name when it is whole.
/// A transfer that breaks goes on at the byte where it broke, if the server knows ranges.
final class Fetch {
  private static final int PARTIAL = 206;

  private final Http http;

  Fetch(Http http) {
    this.http = http;
  }

  void to(String path, Path target) {
    try {
      Path folder = target.toAbsolutePath().getParent();
      if (folder != null) Files.createDirectories(folder);
      Path part = Files.createTempFile(folder, ".orrery-", ".part");
      try {
        whole(path, part);
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + target, e);
    }
  }

  private void whole(String path, Path part) throws IOException {
    for (int attempt = 0; ; attempt++) {
      HttpResponse<InputStream> answer = http.open(path, Files.size(part));
      boolean goesOn = answer.statusCode() == PARTIAL;
      long length = Artifacts.length(answer);
      long before = goesOn ? Files.size(part) : 0;
      IOException broken = copy(answer, part, goesOn);
      boolean isWhole = broken == null && (length < 0 || Files.size(part) == before + length);
      if (isWhole) return;
      if (attempt >= http.retries().most()) {
        IOException why = broken == null ? new IOException("the answer was cut short") : broken;
        throw new OrreryException("the download of " + path + " broke off", why);
      }
    }
  }

  /// What broke the transfer; null if nothing did.
  private static @Nullable IOException copy(
      HttpResponse<InputStream> answer, Path part, boolean goesOn) throws IOException {
    StandardOpenOption how =
        goesOn ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
    try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.WRITE, how);
        InputStream in = answer.body()) {
      byte[] buffer = new byte[1 << 16];
      while (true) {
        int read;
        try {
          read = in.read(buffer);
        } catch (IOException e) {
          return e;
        }
        if (read < 0) return null;
        out.write(buffer, 0, read);
      }
    }
  }
}
