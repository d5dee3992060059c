package dev.orrery.web;

import dev.orrery.base.Fault;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Stands before the HTTP decoder of one connection and lets pass only what can be read in one way.
///
/// It follows the framing of HTTP/1 itself: a head goes on once it is whole and sound, a body as it
/// comes. In place of a refused request it hands on a substitute, so that the refusal is answered
/// in its turn, and swallows the rest. It drops who is too slow, and when a connection closes while
/// its client still sends, it first lets the client read the answer. HTTP/2, known by its preface,
/// passes untouched: its framing cannot be misread in this way.
///
/// Lives on its connection's network thread. With TLS it belongs behind the decryption.
final class WireGuard extends ChannelDuplexHandler {
  private static final ByteBuf PREFACE =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\n", StandardCharsets.US_ASCII));
  private static final long DISCARD_BYTES_MAX = 256L << 20;
  private static final long OVERFLOW_SECONDS = 5;
  private static final long STALL_STEP_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);
  private static final long BODY_CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private enum State {
    HEAD,
    BODY,
    CHUNKS,
    DISCARD,
    HTTP2
  }

  private final Wire wire;
  private final Head head = new Head();
  private final HeadEnd end = new HeadEnd();
  private final Chunks chunks = new Chunks();
  private State state = State.HEAD;
  private boolean counted;
  private boolean overflow;
  private boolean first = true;
  private boolean watching;
  private @Nullable ChannelPromise closing;
  private volatile @Nullable ChannelHandlerContext context;

  /// What was left to write, for how long it has been no less, and when that was seen; by one
  /// thread only.
  private long unwritten;

  private long unwrittenNanos;
  private long seenAt;

  /// Bytes of a head that is not whole yet.
  private @Nullable ByteBuf held;

  private long bodyLeft;

  /// When the head or body that is awaited began, and how many bytes of a body have come since.
  private long since;

  private long received;
  private long discarded;

  WireGuard(Wire wire) {
    this.wire = wire;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    counted = true;
    context = ctx;
    wire.open.add(this);
    overflow = wire.connections.incrementAndGet() > wire.connectionsMax;
    if (overflow) {
      // Answered for health alone, and not for long, so that there is always room for it.
      ctx.executor().schedule(() -> ctx.close(), OVERFLOW_SECONDS, TimeUnit.SECONDS);
    }
    ctx.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (counted) wire.connections.decrementAndGet();
    counted = false;
    wire.open.remove(this);
    dropHeld();
    ChannelPromise promise = closing;
    if (promise != null) promise.trySuccess();
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    dropHeld();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (state == State.HTTP2 || !(message instanceof ByteBuf incoming)) {
      ctx.fireChannelRead(message);
    } else if (state == State.DISCARD) {
      discarded += incoming.readableBytes();
      incoming.release();
      if (discarded > DISCARD_BYTES_MAX) ctx.close();
    } else if (held != null) {
      ByteBuf all = held.writeBytes(incoming);
      held = null;
      incoming.release();
      follow(ctx, all);
    } else {
      follow(ctx, incoming);
    }
  }

  /// Follows the framing through the buffer, hands on what is sound, and keeps the start of a head.
  private void follow(ChannelHandlerContext ctx, ByteBuf all) {
    int start = all.readerIndex();
    int stop = all.writerIndex();
    int at = start;
    while (at < stop) {
      switch (state) {
        case HEAD -> {
          if (!end.begun()) since = System.nanoTime();
          int after = end.find(all, at, stop);
          if (after == HeadEnd.OPEN) {
            passOn(ctx, all, start, at, stop);
            return;
          }
          Head.Refusal refusal = after < 0 ? HeadEnd.refusal(after) : enter(all, at, after);
          if (refusal != null) {
            passOn(ctx, all, start, at, at);
            refuse(ctx, refusal);
            return;
          }
          at = state == State.HTTP2 ? stop : after;
        }
        case BODY -> {
          int taken = (int) Math.min(bodyLeft, stop - at);
          bodyLeft -= taken;
          received += taken;
          at += taken;
          if (bodyLeft == 0) state = State.HEAD;
        }
        case CHUNKS -> {
          int after = chunks.follow(all, at, stop);
          received += after - at;
          at = after;
          if (chunks.broken()) {
            breakOff(ctx, all, start, chunks.cut());
            return;
          }
          if (chunks.done()) state = State.HEAD;
        }
        case DISCARD, HTTP2 -> throw new AssertionError(state);
      }
    }
    passOn(ctx, all, start, stop, stop);
  }

  /// Hands on the bytes from `start` to `to`, and keeps those from there to `stop`.
  private void passOn(ChannelHandlerContext ctx, ByteBuf all, int start, int to, int stop) {
    if (stop > to) {
      held = ctx.alloc().buffer(Math.max(1_024, stop - to)).writeBytes(all, to, stop - to);
    }
    if (to > start) {
      ctx.fireChannelRead(all.setIndex(start, to));
    } else {
      all.release();
    }
  }

  /// Lets a sound head in; the bytes of the buffer may be changed where a header must be ignored.
  private Head.@Nullable Refusal enter(ByteBuf all, int from, int after) {
    if (first && ByteBufUtil.equals(PREFACE, 0, all, from, Math.min(18, after - from))) {
      if (overflow) return new Head.Refusal(Fault.BUSY, "all connections are taken");
      state = State.HTTP2;
      return null;
    }
    first = false;
    byte[] bytes = new byte[after - from];
    all.getBytes(from, bytes);
    Head.Refusal refusal = head.read(bytes, bytes.length);
    if (refusal != null) return refusal;
    if (wire.stopping) return new Head.Refusal(Fault.STOPPING, "the server is stopping");
    if (overflow && !head.target.equals("/health")) {
      return new Head.Refusal(Fault.BUSY, "all connections are taken");
    }
    if (head.upgradeAt >= 0) {
      // An upgrade is ignored, as RFC 9110 allows; the decoder behind would follow it.
      all.setBytes(from + head.upgradeAt, "Ignored".getBytes(StandardCharsets.US_ASCII));
    }
    end.begin();
    since = System.nanoTime();
    received = 0;
    if (head.contentLength < 0) {
      chunks.begin();
      state = State.CHUNKS;
    } else if (head.contentLength > 0) {
      bodyLeft = head.contentLength;
      state = State.BODY;
    }
    return null;
  }

  private void refuse(ChannelHandlerContext ctx, Head.Refusal refusal) {
    state = State.DISCARD;
    dropHeld();
    String substitute = wire.substitute(refusal, head.target);
    ctx.fireChannelRead(Unpooled.copiedBuffer(substitute, StandardCharsets.US_ASCII));
  }

  /// Ends a body whose chunks are broken in a way that the decoder behind must see, and answer.
  private void breakOff(ChannelHandlerContext ctx, ByteBuf all, int start, int cut) {
    state = State.DISCARD;
    passOn(ctx, all, start, cut, cut);
    ctx.fireChannelRead(Unpooled.copiedBuffer("Z\r\nZ\r\nZ\r\n", StandardCharsets.US_ASCII));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (closing != null) {
      ctx.read();
    } else if (!watching && awaits()) {
      watch(ctx, state == State.HEAD ? wire.limits.headWithin() : wire.limits.bodyGrace());
    }
    ctx.fireChannelReadComplete();
  }

  /// Whether a request has begun to arrive and is not whole.
  private boolean awaits() {
    return state == State.BODY || state == State.CHUNKS || (state == State.HEAD && held != null);
  }

  private void watch(ChannelHandlerContext ctx, Duration within) {
    watching = true;
    ctx.executor().schedule(() -> check(ctx), within.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void check(ChannelHandlerContext ctx) {
    watching = false;
    if (!awaits() || closing != null || !ctx.channel().isActive()) return;
    long elapsed = System.nanoTime() - since;
    if (state == State.HEAD) {
      long left = wire.limits.headWithin().toNanos() - elapsed;
      if (left > 0) {
        watch(ctx, Duration.ofNanos(left));
      } else {
        refuse(ctx, new Head.Refusal(Fault.TOO_SLOW, "the headers took too long to arrive"));
        ctx.fireChannelReadComplete();
      }
      return;
    }
    long late = elapsed - wire.limits.bodyGrace().toNanos();
    if (!ctx.channel().config().isAutoRead()) {
      // The server itself takes its time: the client is not to blame.
      since = System.nanoTime();
      received = 0;
    } else if (late > 0 && received < wire.limits.bodyBytesPerSecondMin() * (late / 1e9)) {
      ctx.close();
      return;
    }
    watch(ctx, Duration.ofNanos(Math.max(BODY_CHECK_NANOS, -late)));
  }

  /// Closes; while the client still sends, only after it could read the answer: to close with bytes
  /// unread would reset the connection and take the answer away from it.
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    boolean unread = state == State.DISCARD || awaits();
    if (!unread || closing != null || !ctx.channel().isActive()) {
      ctx.close(promise);
      return;
    }
    closing = promise;
    state = State.DISCARD;
    dropHeld();
    ctx.flush();
    if (ctx.channel() instanceof DuplexChannel duplex) duplex.shutdownOutput();
    ctx.read();
    ctx.executor()
        .schedule(() -> ctx.close(), wire.limits.lingerWithin().toNanos(), TimeUnit.NANOSECONDS);
  }

  /// Ends the connection of a reader that takes nothing; called now and then by one thread, not the
  /// connection's own.
  void dropIfStalled(long nowNanos) {
    ChannelHandlerContext ctx = context;
    ChannelOutboundBuffer buffer = ctx == null ? null : ctx.channel().unsafe().outboundBuffer();
    if (ctx == null || buffer == null) return;
    long left = buffer.totalPendingWriteBytes();
    if (left > 0) left -= buffer.currentProgress();
    // A machine that stood still for a while is no reader that takes nothing.
    long passed = Math.min(nowNanos - seenAt, STALL_STEP_NANOS_MAX);
    seenAt = nowNanos;
    if (left == 0 || left != unwritten) {
      unwritten = left;
      unwrittenNanos = 0;
    } else {
      unwrittenNanos += passed;
      if (unwrittenNanos > wire.limits.stall().toNanos()) ctx.close();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event != ChannelOutputShutdownEvent.INSTANCE) ctx.fireUserEventTriggered(event);
  }

  private void dropHeld() {
    ByteBuf bytes = held;
    held = null;
    if (bytes != null) bytes.release();
  }
}
