package dev.orrery.web;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/// Reads one body into memory, up to its cap.
///
/// One of the two callbacks is called, once; neither if the client goes away.
final class Body implements Subscriber<HttpObject> {
  static final byte[] NONE = {};

  private static final int FIRST_BYTES_MAX = 64 << 10;

  private final int cap;
  private final Consumer<byte[]> whole;
  private final Runnable tooLarge;
  private byte[] bytes;
  private int length;
  private @Nullable Subscription subscription;

  /// @param expected the Content-Length, or -1
  Body(long expected, int cap, Consumer<byte[]> whole, Runnable tooLarge) {
    this.cap = cap;
    this.whole = whole;
    this.tooLarge = tooLarge;
    long first = expected < 0 ? 1_024 : Math.min(expected, FIRST_BYTES_MAX);
    this.bytes = new byte[(int) Math.min(first, cap)];
  }

  @Override
  public void onSubscribe(Subscription given) {
    subscription = given;
    given.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(HttpObject object) {
    if (!(object instanceof HttpData data)) return;
    try (data) {
      int more = data.length();
      if (more > cap - length) {
        bytes = NONE;
        Subscription given = subscription;
        if (given != null) given.cancel();
        tooLarge.run();
        return;
      }
      if (length + more > bytes.length) {
        long twice = Math.max(length + (long) more, bytes.length * 2L);
        bytes = Arrays.copyOf(bytes, (int) Math.min(twice, cap));
      }
      ByteBuf buffer = data.byteBuf();
      buffer.getBytes(buffer.readerIndex(), bytes, length, more);
      length += more;
    }
  }

  @Override
  public void onComplete() {
    whole.accept(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
  }

  @Override
  public void onError(Throwable gone) {
    bytes = NONE;
  }

  /// A compressed body inflated, up to its cap.
  ///
  /// @throws Problem of kind TOO_LARGE beyond the cap, INVALID if it is damaged
  static byte[] inflate(byte[] body, String encoding, int cap) {
    try (InputStream in = inflater(body, encoding)) {
      byte[] inflated = in.readNBytes(cap);
      if (in.read() >= 0) throw tooLarge(cap);
      return inflated;
    } catch (IOException e) {
      throw new Problem(
              Fault.BAD_REQUEST,
              "the body is not the %s it says it is".formatted(encoding),
              "Compress it again, or send it as it is")
          .because(e);
    }
  }

  private static InputStream inflater(byte[] body, String encoding) throws IOException {
    InputStream in = new ByteArrayInputStream(body);
    return encoding.equals("gzip") ? new GZIPInputStream(in) : new InflaterInputStream(in);
  }

  static Problem tooLarge(long cap) {
    return new Problem(
        Fault.BODY_TOO_LARGE,
        "the body is larger than the %,d bytes that are read here".formatted(cap),
        "Send less at once");
  }
}
