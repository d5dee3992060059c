package dev.orrery.load;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.HdrHistogram.HistogramLogWriter;
import org.HdrHistogram.SingleWriterRecorder;

/// A histogram of the latencies of each second, in nanoseconds, in the form of HdrHistogram's log
/// (version 1.3): histograms of seconds and of loads can be added, their percentiles cannot.
public final class HdrLog implements AutoCloseable {
  private static final double NANOS_IN_MILLI = 1e6;

  private final Path file;
  private final PrintStream out;
  private final HistogramLogWriter writer;
  private final SingleWriterRecorder recorder = new SingleWriterRecorder(3);
  private boolean isBegun;
  private boolean isHeaded;

  /// @throws Problem of kind CANNOT_WRITE if the file cannot be made
  public HdrLog(Path file) {
    this.file = file;
    try {
      this.out = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw unwritable().because(e);
    }
    this.writer = new HistogramLogWriter(out);
  }

  /// Begins the first second.
  void begin() {
    recorder.reset();
    isBegun = true;
  }

  /// Called by one thread only.
  void record(long nanos) {
    recorder.recordValue(nanos);
  }

  /// Ends a second, and begins the next.
  void next() {
    var second = recorder.getIntervalHistogram();
    if (!isHeaded) head(second.getStartTimeStamp());
    long base = writer.getBaseTime();
    writer.outputIntervalHistogram(
        (second.getStartTimeStamp() - base) / 1e3,
        (second.getEndTimeStamp() - base) / 1e3,
        second,
        NANOS_IN_MILLI);
  }

  private void head(long start) {
    writer.outputLogFormatVersion();
    writer.outputStartTime(start);
    writer.setBaseTime(start);
    writer.outputBaseTime(start);
    writer.outputLegend();
    isHeaded = true;
  }

  /// @throws Problem of kind CANNOT_WRITE if not all could be written
  @Override
  public void close() {
    if (isBegun) next();
    out.close();
    if (out.checkError()) throw unwritable();
  }

  private Problem unwritable() {
    return new Problem(
        Fault.CANNOT_WRITE,
        "%s cannot be written".formatted(Texts.shown(file.toString())),
        "Check its folder and the free space");
  }
}
