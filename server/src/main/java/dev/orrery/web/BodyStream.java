package dev.orrery.web;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/// A body read while it arrives, by a thread that may block; at most 64 pieces wait to be read, and
/// when they do, its sender is held back.
final class BodyStream extends InputStream implements Subscriber<HttpObject> {
  private static final int PIECES_MAX = 64;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<HttpData> pieces = new ArrayDeque<>();
  private final Executor network;
  private final long cap;
  private @Nullable Subscription subscription;
  private @Nullable Throwable failure;
  private @Nullable HttpData piece;

  /// What is left of the piece; asking the piece again would give all of it anew.
  private ByteBuf rest = Unpooled.EMPTY_BUFFER;

  private boolean ended;
  private boolean closed;
  private int used;
  private long total;

  /// @param network the thread on which the body arrives
  /// @param cap after how many bytes reading fails
  BodyStream(Executor network, long cap) {
    this.network = network;
    this.cap = cap;
  }

  /// Whether the whole body has arrived.
  boolean ended() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onSubscribe(Subscription given) {
    lock.lock();
    try {
      subscription = given;
    } finally {
      lock.unlock();
    }
    given.request(PIECES_MAX);
  }

  @Override
  public void onNext(HttpObject object) {
    if (!(object instanceof HttpData data)) return;
    lock.lock();
    try {
      if (closed) {
        data.close();
        return;
      }
      pieces.add(data);
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onComplete() {
    lock.lock();
    try {
      ended = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onError(Throwable cause) {
    lock.lock();
    try {
      failure = cause;
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read() throws InterruptedIOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  /// @throws Problem of kind TOO_LARGE beyond the cap, INVALID if the sender goes away
  @Override
  public int read(byte[] into, int from, int length) throws InterruptedIOException {
    if (length == 0) return 0;
    HttpData current = current();
    if (current == null) return -1;
    int taken = Math.min(length, rest.readableBytes());
    rest.readBytes(into, from, taken);
    total += taken;
    if (total > cap) throw Body.tooLarge(cap);
    if (!rest.isReadable()) {
      current.close();
      piece = null;
    }
    return taken;
  }

  /// The piece that is read at the moment; null at the end.
  private @Nullable HttpData current() throws InterruptedIOException {
    HttpData current = piece;
    if (current != null) return current;
    lock.lock();
    try {
      while (current == null) {
        HttpData next = pieces.poll();
        if (next != null) {
          current = next;
        } else if (failure != null) {
          throw new Problem(
                  Fault.BAD_REQUEST, "the body was cut off", "Send it again from the start")
              .because(failure);
        } else if (ended || closed) {
          return null;
        } else {
          arrived.await();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a body arrived");
    } finally {
      lock.unlock();
    }
    piece = current;
    rest = current.byteBuf();
    if (++used >= PIECES_MAX / 2) {
      Subscription given = subscription;
      if (given != null) given.request(used);
      used = 0;
    }
    return current;
  }

  /// Gives back what was not read; the rest is not awaited.
  @Override
  public void close() {
    Subscription given;
    lock.lock();
    try {
      if (closed) return;
      closed = true;
      given = ended ? null : subscription;
      pieces.forEach(HttpData::close);
      pieces.clear();
    } finally {
      lock.unlock();
    }
    HttpData current = piece;
    piece = null;
    if (current != null) current.close();
    // Elsewhere it could come between the decoder's look whether the body is wanted and its writing
    // of the next piece, which would make an answer of 500 of it.
    if (given == null) return;
    try {
      network.execute(given::cancel);
    } catch (RejectedExecutionException _) {
      // The server has closed, and its connections with it.
    }
  }
}
