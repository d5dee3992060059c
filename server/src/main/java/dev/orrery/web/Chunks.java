package dev.orrery.web;

import io.netty.buffer.ByteBuf;

/// Follows the chunks of one body, strictly: a size of at most eight digits, an extension of at
/// most 256 visible characters, CR LF after each, no trailers, and no flood of tiny chunks.
final class Chunks {
  private static final int EXTENSION_MAX = 256;
  private static final int TINY_ALLOWED = 1_024;
  private static final int TINY_BYTES = 16;

  private enum State {
    DIGITS,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    END_CR,
    END_LF,
    DONE,
    BROKEN
  }

  private State state = State.DIGITS;
  private int digits;
  private int extension;
  private long size;
  private long left;
  private long count;
  private long bytes;

  /// Where the size line of the current chunk begins, if it does in this buffer.
  private int cut;

  void begin() {
    state = State.DIGITS;
    digits = 0;
    extension = 0;
    size = 0;
    count = 0;
    bytes = 0;
  }

  boolean done() {
    return state == State.DONE;
  }

  boolean broken() {
    return state == State.BROKEN;
  }

  /// After a break: up to where the bytes of this buffer were sound.
  int cut() {
    return cut;
  }

  /// Reads on and returns where it stopped: at the end of the buffer, of the body, or of what is
  /// sound.
  int follow(ByteBuf all, int from, int end) {
    int at = from;
    cut = from;
    while (at < end && state != State.DONE && state != State.BROKEN) {
      if (state == State.DATA) {
        int taken = (int) Math.min(left, end - at);
        left -= taken;
        at += taken;
        cut = at;
        if (left == 0) state = State.DATA_CR;
        continue;
      }
      state = step(all.getByte(at));
      at++;
      if (state == State.DIGITS && digits == 0) cut = at;
    }
    return at;
  }

  private State step(byte b) {
    return switch (state) {
      case DIGITS -> {
        int digit = Character.digit(b, 16);
        if (digit >= 0) {
          size = size << 4 | digit;
          yield ++digits <= 8 ? State.DIGITS : State.BROKEN;
        }
        if (digits == 0) yield State.BROKEN;
        if (b == ';') yield State.EXTENSION;
        yield b == '\r' ? State.SIZE_LF : State.BROKEN;
      }
      case EXTENSION -> {
        if (b == '\r') yield State.SIZE_LF;
        yield b >= ' ' && b < 0x7F && ++extension <= EXTENSION_MAX ? State.EXTENSION : State.BROKEN;
      }
      case SIZE_LF -> b == '\n' ? sized() : State.BROKEN;
      case DATA_CR -> b == '\r' ? State.DATA_LF : State.BROKEN;
      case DATA_LF -> {
        digits = 0;
        extension = 0;
        size = 0;
        yield b == '\n' ? State.DIGITS : State.BROKEN;
      }
      case END_CR -> b == '\r' ? State.END_LF : State.BROKEN;
      case END_LF -> b == '\n' ? State.DONE : State.BROKEN;
      case DATA, DONE, BROKEN -> throw new AssertionError(state);
    };
  }

  private State sized() {
    if (size == 0) return State.END_CR;
    left = size;
    bytes += size;
    count++;
    return count > TINY_ALLOWED && bytes < count * TINY_BYTES ? State.BROKEN : State.DATA;
  }
}
