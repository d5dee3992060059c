package dev.orrery.web;

/// A stream of server-sent events to one reader.
///
/// Bounded: what waits is kept by key, the newest under each, at most 1,024 keys; a slow reader
/// loses what lies between, never the last. Safe for use by many threads; a send never blocks.
public interface Events {
  /// Sends a value as JSON under an event name; it takes the place of one of the same name and key
  /// that has not left yet.
  ///
  /// @param name the `event:` field, one word
  /// @param key what the event is about, such as the id of a run
  void send(String name, String key, Object json);

  /// Whether the reader is still there.
  boolean open();

  /// Runs once when the reader has gone or the server stops; at once if that has happened.
  void onClose(Runnable action);

  /// Ends the stream after what waits has left.
  void close();
}
