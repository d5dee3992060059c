package dev.orrery.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// Points that found no room in memory, in a file: a JSON line each, first in, first out.
///
/// What is there when the file is opened is sent first. A point may be sent twice after a crash of
/// this program; equal points are one to the server. Not safe for many threads: its owner locks.
final class Spill {
  private final Path file;

  /// Up to where the file has been sent, in bytes.
  private long sent;

  private long left;

  Spill(Path file) {
    this.file = file;
    try {
      if (!Files.exists(file)) Files.createFile(file);
      // A line that a crash cut short was never acknowledged to the one who logged it.
      byte[] bytes = Files.readAllBytes(file);
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] != '\n') end--;
      if (end < bytes.length) {
        try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
          channel.truncate(end);
        }
      }
      for (int i = 0; i < end; i++) if (bytes[i] == '\n') left++;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use " + file, e);
    }
  }

  Path file() {
    return file;
  }

  long left() {
    return left;
  }

  void add(List<Metric> points) {
    StringBuilder lines = new StringBuilder();
    for (Metric point : points) lines.append(Json.write(point.fields())).append('\n');
    try {
      Files.writeString(file, lines, StandardOpenOption.APPEND);
      left += points.size();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /// The first points, and what they take of the file.
  Head head(int most) {
    List<Metric> points = new ArrayList<>();
    long bytes = 0;
    try (var channel = Files.newByteChannel(file, StandardOpenOption.READ)) {
      channel.position(sent);
      var in = Channels.newInputStream(channel);
      try (var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        while (points.size() < most) {
          String line = lines.readLine();
          if (line == null) break;
          points.add(Metric.of(Fields.of(line)));
          bytes += line.getBytes(StandardCharsets.UTF_8).length + 1;
        }
      }
      return new Head(points, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  record Head(List<Metric> points, long bytes) {}

  /// Forgets the first points; an emptied file is cut, so that it does not grow for ever.
  void drop(Head head) {
    sent += head.bytes();
    left -= head.points().size();
    if (left > 0) return;
    try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
      channel.truncate(0);
      sent = 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
