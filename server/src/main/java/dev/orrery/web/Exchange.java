package dev.orrery.web;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.util.AsciiString;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One request and its one answer, whoever gives it first: the handler, its deadline or a refusal.
final class Exchange {
  private static final String NOSNIFF = "nosniff";
  private static final String NO_STORE = "no-store";
  private static final String SAME_ORIGIN = "same-origin";
  private static final AsciiString OPENER_POLICY = AsciiString.cached("cross-origin-opener-policy");
  private static final AsciiString RESOURCE_POLICY =
      AsciiString.cached("cross-origin-resource-policy");

  final ServiceRequestContext ctx;
  final RequestHeaders headers;
  final String method;
  final CompletableFuture<HttpResponse> response = new CompletableFuture<>();

  /// The path as it was sent; `/` until it could be read.
  String path = "/";

  RouteTree.@Nullable Leaf leaf;

  /// The name of who asks, once that is known.
  @Nullable String principal;

  /// When the handler must have answered; 0 without a deadline.
  volatile long deadlineNanos;

  /// The body, if the handler reads it while it arrives.
  volatile @Nullable BodyStream stream;

  /// The handler's thread while it runs.
  private @Nullable Thread thread;

  private final Traffic traffic;
  private final long beganNanos = System.nanoTime();
  private final AtomicBoolean answered = new AtomicBoolean();

  Exchange(ServiceRequestContext ctx, RequestHeaders headers, Traffic traffic) {
    this.ctx = ctx;
    this.headers = headers;
    this.method = headers.method().name();
    this.traffic = traffic;
  }

  /// Answers, unless it has been answered.
  void answer(Response given) {
    if (!claim(given)) return;
    BodyStream body = stream;
    if (body != null && !body.ended()) endConnection();
    ResponseHeadersBuilder head = head(given);
    if (given.contentType().equals(Grpc.TYPE)) {
      response.complete(Grpc.response(head, given));
    } else if (method.equals("HEAD") || given.body().length == 0) {
      if (given.status() != 204 && given.status() != 304) {
        head.setLong(HttpHeaderNames.CONTENT_LENGTH, given.body().length);
      }
      response.complete(HttpResponse.of(head.build()));
    } else {
      response.complete(HttpResponse.of(head.build(), HttpData.wrap(given.body())));
    }
  }

  /// Answers with a stream that has been begun elsewhere.
  boolean answer(Response given, HttpResponse stream) {
    if (!claim(given)) return false;
    response.complete(stream);
    return true;
  }

  /// Answers and ends the connection, because its body is left unread.
  void answerAndClose(Response given) {
    endConnection();
    answer(given);
  }

  private void endConnection() {
    if (ctx.sessionProtocol().isMultiplex()) return;
    var _ = ctx.initiateConnectionShutdown();
  }

  private boolean claim(Response given) {
    if (!answered.compareAndSet(false, true)) return false;
    traffic.answered(this, given, System.nanoTime() - beganNanos);
    return true;
  }

  boolean isAnswered() {
    return answered.get();
  }

  /// The handler runs on this thread; false if it need not run any more.
  synchronized boolean begin(Thread handler) {
    if (answered.get()) return false;
    thread = handler;
    return true;
  }

  /// The handler has ended; from here on its thread is not interrupted.
  synchronized void end() {
    thread = null;
    // An interrupt that came last of all was meant for the handler.
    var _ = Thread.interrupted();
  }

  synchronized void interrupt() {
    Thread handler = thread;
    if (handler != null) handler.interrupt();
  }

  static ResponseHeadersBuilder head(Response given) {
    ResponseHeadersBuilder head = ResponseHeaders.builder(HttpStatus.valueOf(given.status()));
    if (!given.contentType().isEmpty()) {
      head.set(HttpHeaderNames.CONTENT_TYPE, given.contentType());
    }
    head.set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    head.set(HttpHeaderNames.CACHE_CONTROL, NO_STORE);
    head.set(HttpHeaderNames.CONTENT_SECURITY_POLICY, Headers.DATA_POLICY);
    head.set(RESOURCE_POLICY, SAME_ORIGIN);
    if (given.contentType().startsWith("text/html")) {
      head.set(HttpHeaderNames.X_FRAME_OPTIONS, "SAMEORIGIN");
      head.set(HttpHeaderNames.REFERRER_POLICY, "no-referrer");
      head.set(OPENER_POLICY, SAME_ORIGIN);
    }
    given.headers().forEach(head::set);
    return head;
  }
}
