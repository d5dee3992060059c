package dev.orrery.web;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.stream.SubscriptionOption;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.orrery.access.Principal;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes every request through the same steps: its target, its route, the gate, its body, its lane,
/// its handler. What fails on the way is answered in the form that the path's clients read.
final class Dispatcher implements HttpService {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final Duration TURN_WITHIN = Duration.ofSeconds(5);

  /// What the steps before the body found out.
  private record Admitted(
      Paths.Target target, RouteTree.Match match, RouteTree.Leaf leaf, Principal principal) {}

  private final RouteTree tree;
  private final Gate gate;
  private final Wire wire;
  private final Lanes lanes;
  private final Traffic traffic;
  private final Console console;
  private final Streams streams;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
  private final Set<Exchange> running = ConcurrentHashMap.newKeySet();
  private volatile boolean ready;

  Dispatcher(
      RouteTree tree,
      WebOptions options,
      Wire wire,
      Traffic traffic,
      Lanes lanes,
      Streams streams) {
    this.tree = tree;
    this.gate = new Gate(options);
    this.wire = wire;
    this.lanes = lanes;
    this.traffic = traffic;
    this.console = Console.load();
    this.streams = streams;
    this.ready = options.ready();
  }

  void ready(boolean now) {
    ready = now;
  }

  /// Those whose handlers run or wait for their turn.
  Collection<Exchange> running() {
    return running;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
    Exchange exchange = new Exchange(ctx, request.headers(), traffic);
    try {
      Admitted admitted = admit(exchange);
      if (admitted != null) {
        read(exchange, admitted, request);
      } else if (!request.isEmpty()) {
        request.abort();
      }
    } catch (Problem problem) {
      refuse(exchange, problem, request);
    } catch (RuntimeException bug) {
      bug(exchange, bug);
    }
    return exchange.response.isDone() && !exchange.response.isCompletedExceptionally()
        ? exchange.response.join()
        : HttpResponse.of(exchange.response);
  }

  /// A refusal before the body was read: a connection whose body is left unread must end.
  private static void refuse(Exchange exchange, Problem problem, HttpRequest request) {
    Response response = Failures.of(problem, exchange.path);
    BodyStream stream = exchange.stream;
    if (stream != null) stream.close();
    if (request.isEmpty()) {
      exchange.answer(response);
    } else {
      exchange.answerAndClose(response);
    }
  }

  /// The steps before the body; null if the answer has been given.
  private @Nullable Admitted admit(Exchange exchange) {
    RequestHeaders headers = exchange.headers;
    String refusal = headers.get(Wire.REFUSAL);
    if (refusal != null) throw refused(exchange, refusal);
    Paths.Target target = Paths.target(exchange.ctx.rawPath());
    exchange.path = target.path();
    RouteTree.Match match = tree.find(target.segments());
    String authority = headers.authority();
    boolean read = exchange.method.equals("GET") || exchange.method.equals("HEAD");
    gate.admitOrigin(headers::get, authority == null ? "" : authority, match == null && read);
    if (target.path().equals("/health") && read) {
      exchange.answer(health());
      return null;
    }
    if (wire.stopping) throw stopping();
    if (!ready) throw notReady();
    if (match == null) {
      exchange.answer(console.answer(exchange.method, target, headers::get));
      return null;
    }
    RouteTree.Leaf leaf = match.leaf(exchange.method);
    if (leaf == null) {
      otherMethod(exchange, match);
      return null;
    }
    exchange.leaf = leaf;
    Principal principal = gate.admit(headers::get, leaf.route.permission());
    exchange.principal = principal.name();
    Gate.admitContent(headers::get, exchange.method, leaf.route.options());
    if (target.query() != null) leaf.route.admitQuery(Paths.query(target.query()).keySet());
    return new Admitted(target, match, leaf, principal);
  }

  private Problem refused(Exchange exchange, String header) {
    Head.Refusal refusal = wire.refusal(header);
    if (refusal == null) {
      return new Problem(
          Fault.BAD_REQUEST, "the request has a header of the server's own", "Omit it");
    }
    exchange.path = exchange.ctx.path();
    String remedy =
        switch (refusal.fault()) {
          case STOPPING, BUSY -> "Send it again in a second";
          case TOO_SLOW -> "Send it in one piece";
          case HEADERS_TOO_LARGE -> "Send fewer and shorter headers";
          case WRONG_METHOD -> "Use GET, POST, PUT, PATCH or DELETE";
          default -> "Send it as RFC 9112 has it";
        };
    return new Problem(refusal.fault(), refusal.what(), remedy);
  }

  private Response health() {
    if (ready && !wire.stopping) return Response.text("OK");
    return Failures.of(wire.stopping ? stopping() : notReady(), "/health");
  }

  private static Problem stopping() {
    return new Problem(Fault.STOPPING, "the server is stopping", "Send it again in a second");
  }

  private static Problem notReady() {
    return new Problem(
        Fault.NOT_READY, "the server is starting and not ready yet", "Send it again in a second");
  }

  private static void otherMethod(Exchange exchange, RouteTree.Match match) {
    String allowed = match.allowed();
    if (exchange.method.equals("OPTIONS")) {
      exchange.answer(Response.noContent().with("allow", allowed));
      return;
    }
    Problem problem =
        new Problem(
            Fault.WRONG_METHOD,
            "%s is not answered at %s".formatted(exchange.method, Texts.shown(exchange.path)),
            "Use one of " + allowed);
    exchange.answerAndClose(Failures.of(problem, exchange.path).with("allow", allowed));
  }

  private void read(Exchange exchange, Admitted admitted, HttpRequest request) {
    RouteOptions options = admitted.leaf.route.options();
    String encoding = encoding(exchange.headers, options);
    if (request.isEmpty()) {
      dispatch(exchange, admitted, Body.NONE, InputStream.nullInputStream());
      return;
    }
    long expected = exchange.headers.contentLength();
    if (expected > options.bodyBytesMax()) throw Body.tooLarge(options.bodyBytesMax());
    if (options.streamed()) {
      BodyStream stream = new BodyStream(exchange.ctx.eventLoop(), options.bodyBytesMax());
      exchange.stream = stream;
      request.subscribe(stream, exchange.ctx.eventLoop(), SubscriptionOption.WITH_POOLED_OBJECTS);
      dispatch(exchange, admitted, Body.NONE, stream);
      return;
    }
    int cap = (int) options.bodyBytesMax();
    Runnable tooLarge =
        () -> exchange.answerAndClose(Failures.of(Body.tooLarge(cap), exchange.path));
    Body body =
        new Body(
            expected,
            cap,
            bytes -> {
              try {
                boolean plain = encoding.equals("identity");
                byte[] sent = plain ? bytes : Body.inflate(bytes, encoding, cap);
                dispatch(exchange, admitted, sent, new ByteArrayInputStream(sent));
              } catch (Problem problem) {
                exchange.answer(Failures.of(problem, exchange.path));
              } catch (RuntimeException bug) {
                bug(exchange, bug);
              }
            },
            tooLarge);
    request.subscribe(body, exchange.ctx.eventLoop(), SubscriptionOption.WITH_POOLED_OBJECTS);
  }

  private static String encoding(RequestHeaders headers, RouteOptions options) {
    String header = headers.get("content-encoding");
    if (header == null) return "identity";
    String encoding = header.strip().toLowerCase(Locale.ROOT);
    boolean known = encoding.equals("gzip") || encoding.equals("deflate");
    if (encoding.equals("identity") || (known && options.gzip())) return encoding;
    throw new Problem(
        Fault.WRONG_CONTENT_TYPE,
        "a body of Content-Encoding '%s' is not read here".formatted(Texts.shown(header)),
        "Send it uncompressed");
  }

  /// Runs the handler where its options say, when its lane has room.
  private void dispatch(Exchange exchange, Admitted admitted, byte[] body, InputStream stream) {
    RouteTree.Leaf leaf = admitted.leaf;
    long deadline = deadline(exchange, leaf.route.options());
    Request request =
        new Request(
            exchange.method,
            admitted.target,
            leaf.route,
            leaf.names,
            admitted.match.values(),
            exchange.headers::get,
            body,
            stream,
            admitted.principal);
    Lanes.Room room = lanes.room(leaf.lane);
    room.enter();
    if (isQuick(request, leaf.route.options())) {
      try {
        room.runNow();
        try {
          handle(exchange, request, leaf.route);
        } finally {
          room.stop();
        }
      } finally {
        room.leave();
      }
      return;
    }
    exchange.deadlineNanos = System.nanoTime() + deadline;
    running.add(exchange);
    threads.execute(() -> run(exchange, request, leaf.route, room));
  }

  private static boolean isQuick(Request request, RouteOptions options) {
    Predicate<Request> quick = options.onEventLoop();
    return quick != null && quick.test(request);
  }

  private void run(Exchange exchange, Request request, Route route, Lanes.Room room) {
    try {
      if (!exchange.begin(Thread.currentThread())) return;
      try {
        room.run(TURN_WITHIN.toNanos());
        try {
          handle(exchange, request, route);
        } finally {
          room.stop();
        }
      } catch (InterruptedException _) {
        late(exchange);
      } catch (Problem busy) {
        exchange.answer(Failures.of(busy, exchange.path));
      } finally {
        exchange.end();
      }
    } finally {
      running.remove(exchange);
      room.leave();
      BodyStream stream = exchange.stream;
      if (stream != null) stream.close();
    }
  }

  @SuppressWarnings("CatchingUnchecked") // whatever a handler throws is answered
  private void handle(Exchange exchange, Request request, Route route) {
    try {
      Trace trace = Trace.of(exchange.headers.get(Trace.HEADER));
      Response response =
          trace == null
              ? route.handler().handle(request)
              : Trace.within(trace, () -> route.handler().handle(request));
      if (response.live() == null) {
        exchange.answer(response);
      } else {
        streams.send(exchange, response);
      }
    } catch (Problem problem) {
      if (problem.kind() == Problem.Kind.INTERNAL) {
        bug(exchange, problem);
      } else {
        if (problem.kind() == Problem.Kind.DATA_LOSS)
          LOG.error("{}", problem.getMessage(), problem);
        exchange.answer(Failures.of(problem, exchange.path));
      }
    } catch (InterruptedException _) {
      late(exchange);
    } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
      // An interrupted handler often fails in another way than it was interrupted.
      if (!exchange.isAnswered()) bug(exchange, e);
    }
  }

  private static long deadline(Exchange exchange, RouteOptions options) {
    long nanos = options.deadline().toNanos();
    String rpc = exchange.headers.get("grpc-timeout");
    if (rpc != null) return Math.min(nanos, Grpc.timeoutNanos(rpc, nanos));
    String asked = exchange.headers.get("x-request-timeout");
    if (asked == null) return nanos;
    try {
      double seconds = Double.parseDouble(asked);
      if (seconds > 0) return (long) Math.min(nanos, seconds * 1e9);
    } catch (NumberFormatException _) {
      // Told below.
    }
    throw new Problem(
        Fault.BAD_REQUEST,
        "X-Request-Timeout is '%s'".formatted(Texts.shown(asked)),
        "Send seconds, more than 0");
  }

  /// Answers those whose time is up, and interrupts their handlers; called a few times a second.
  void expire(long nowNanos) {
    for (Exchange exchange : running) {
      if (nowNanos - exchange.deadlineNanos > 0 && !exchange.isAnswered()) {
        late(exchange);
        exchange.interrupt();
      }
    }
  }

  private static void late(Exchange exchange) {
    Problem problem =
        new Problem(
            Fault.DEADLINE,
            "the request was not answered in time",
            "Send it again, or ask for less at once");
    exchange.answer(Failures.of(problem, exchange.path));
  }

  private static void bug(Exchange exchange, Throwable bug) {
    String trace = UUID.randomUUID().toString();
    LOG.error("bug {} at {} {}", trace, exchange.method, Texts.shown(exchange.path), bug);
    exchange.answer(Failures.bug(trace, exchange.path));
  }
}
