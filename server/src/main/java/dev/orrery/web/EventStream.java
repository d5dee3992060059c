package dev.orrery.web;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponseWriter;
import dev.orrery.base.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Server-sent events to one reader, four times a second at most.
///
/// What is sent waits in a map by name and key until the next beat and until the reader has taken
/// what went before; a beat without anything becomes a comment every 15 s, which also finds out
/// readers that are gone.
final class EventStream implements Events {
  static final int BEAT_MILLIS = 250;
  static final int WAITING_MAX = 1_024;

  private static final int QUIET_BEATS_MAX = 60;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");
  private static final HttpData COMMENT = HttpData.ofUtf8(":\n\n");

  private final HttpResponseWriter writer;
  private final Map<String, byte[]> waiting = new LinkedHashMap<>();
  private final List<Runnable> actions = new ArrayList<>();
  private volatile boolean taken = true;
  private boolean ended;
  private boolean closing;
  private int quietBeats;
  private long number;

  EventStream(HttpResponseWriter writer) {
    this.writer = writer;
  }

  @Override
  public void send(String name, String key, Object json) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("an event's name is one word: " + name);
    }
    byte[] data = Json.bytes(json);
    synchronized (waiting) {
      if (closing || ended) return;
      String slot = name + ' ' + key;
      waiting.remove(slot);
      waiting.put(slot, data);
      if (waiting.size() > WAITING_MAX) waiting.remove(waiting.keySet().iterator().next());
    }
  }

  @Override
  public boolean open() {
    synchronized (waiting) {
      return !ended && !closing;
    }
  }

  @Override
  public void onClose(Runnable action) {
    synchronized (waiting) {
      if (!ended) {
        actions.add(action);
        return;
      }
    }
    action.run();
  }

  @Override
  public void close() {
    synchronized (waiting) {
      closing = true;
    }
  }

  /// Sends what waits; called regularly on the reader's network thread.
  void beat() {
    HttpData next;
    synchronized (waiting) {
      if (ended) return;
      if (!writer.isOpen()) {
        next = HttpData.empty();
      } else if (!taken) {
        return;
      } else if (!waiting.isEmpty()) {
        next = HttpData.wrap(drain());
      } else if (closing) {
        next = HttpData.empty();
      } else if (++quietBeats >= QUIET_BEATS_MAX) {
        next = COMMENT;
      } else {
        return;
      }
      quietBeats = 0;
    }
    if (next.isEmpty() || !writer.tryWrite(next)) {
      end();
      return;
    }
    taken = false;
    writer.whenConsumed().thenRun(() -> taken = true);
  }

  private byte[] drain() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    waiting.forEach((slot, data) -> {
      String name = slot.substring(0, slot.indexOf(' '));
      out.writeBytes(
          "id: %d\nevent: %s\ndata: "
              .formatted(++number, name)
              .getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(data);
      out.writeBytes(new byte[] {'\n', '\n'});
    });
    waiting.clear();
    return out.toByteArray();
  }

  /// Ends the stream at once and tells those who wanted to know.
  void end() {
    List<Runnable> told;
    synchronized (waiting) {
      if (ended) return;
      ended = true;
      waiting.clear();
      told = List.copyOf(actions);
      actions.clear();
    }
    writer.close();
    told.forEach(Runnable::run);
  }
}
