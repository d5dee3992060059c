package dev.orrery.web;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running HTTP server, with `/health` and `/metrics` besides the routes it was given.
///
/// Closing it takes no more connections at once, answers what is in flight, and gives up on what is
/// not answered in time. HTTP/1.1 and HTTP/2 in clear text on one port.
public final class WebServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
  private static final int ACCEPT_QUEUE = 1_024;
  private static final int HEALTH_CONNECTIONS = 256;
  private static final int HTTP2_STREAMS_MAX = 256;
  private static final int HTTP2_WINDOW_BYTES = 1 << 20;
  private static final int CHUNK_BYTES_MAX = 64 << 10;
  private static final int EXPIRY_MILLIS = 50;
  private static final int STALL_MILLIS = 500;

  private final Server server;
  private final int port;
  private final Wire wire;
  private final Dispatcher dispatcher;
  private final Streams streams;
  private final Meters meters;
  private final Duration closeWithin;
  private final ScheduledExecutorService clock;
  private final Loops loops;
  private final AtomicBoolean closed = new AtomicBoolean();

  private WebServer(
      Server server,
      Wire wire,
      Dispatcher dispatcher,
      Streams streams,
      Meters meters,
      Loops loops,
      Duration closeWithin) {
    this.server = server;
    this.port = server.activeLocalPort();
    this.wire = wire;
    this.dispatcher = dispatcher;
    this.streams = streams;
    this.meters = meters;
    this.loops = loops;
    this.closeWithin = closeWithin;
    this.clock =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("http-deadlines").factory());
    every(EXPIRY_MILLIS, () -> dispatcher.expire(System.nanoTime()));
    every(STALL_MILLIS, () -> wire.open.forEach(guard -> guard.dropIfStalled(System.nanoTime())));
  }

  private void every(int millis, Runnable task) {
    var _ = clock.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
  }

  /// Refuses an address on which a server could not listen, before anything is made for one.
  ///
  /// @throws Problem as [#start(WebOptions, Routes)]
  public static void requireFree(WebOptions options) {
    InetSocketAddress address = address(options);
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address);
    } catch (IOException e) {
      throw cannotListen(options, e);
    }
  }

  /// Listens and answers, counting into meters of its own.
  public static WebServer start(WebOptions options, Routes routes) {
    return start(options, routes, new Meters());
  }

  /// Listens and answers.
  ///
  /// @throws Problem of kind CONFLICT if the port is taken, DENIED if the address is public
  public static WebServer start(WebOptions options, Routes routes, Meters meters) {
    return start(options, routes, meters, null);
  }

  /// The same, taking note of every answer.
  ///
  /// @param log is not closed with the server; null for none
  public static WebServer start(
      WebOptions options, Routes routes, Meters meters, @Nullable AccessLog log) {
    InetSocketAddress address = address(options);
    routes.get(
        "/metrics",
        Permission.VIEW,
        request -> meters.shown(request.header("accept").orElse(null)));
    Wire wire = new Wire(options);
    meters.gauge("http.connections", "Open connections", wire.connections::get);
    Streams streams = new Streams(meters);
    Dispatcher dispatcher =
        new Dispatcher(
            routes.tree(), options, wire, new Traffic(meters, log), new Lanes(meters), streams);
    Loops loops = new Loops(options.eventLoops(), "http-net");
    Server server = build(options, address, wire, dispatcher, loops);
    try {
      server.start().join();
    } catch (CompletionException e) {
      stop(loops);
      throw cannotListen(options, e.getCause() == null ? e : e.getCause());
    }
    return new WebServer(server, wire, dispatcher, streams, meters, loops, options.closeWithin());
  }

  private static Server build(
      WebOptions options,
      InetSocketAddress address,
      Wire wire,
      Dispatcher dispatcher,
      Loops loops) {
    return Server.builder()
        .http(address)
        .channelOption(ChannelOption.SO_BACKLOG, ACCEPT_QUEUE)
        .childChannelOption(ChannelOption.TCP_NODELAY, true)
        .childChannelPipelineCustomizer(pipeline -> {
          wire.listener.compareAndSet(null, pipeline.channel().parent());
          pipeline.addFirst(new WireGuard(wire));
        })
        .bossGroupFactory(name -> new Loops(1, name))
        .workerGroup(loops, false)
        .maxNumConnections(options.connectionsMax() + HEALTH_CONNECTIONS)
        .connectionDrainDurationMicros(0)
        .idleTimeout(options.limits().idle())
        .http1MaxInitialLineLength(2 * Head.LINE_BYTES_MAX)
        .http1MaxHeaderSize(2 * Head.BYTES_MAX)
        .http1MaxChunkSize(CHUNK_BYTES_MAX)
        .http2InitialStreamWindowSize(HTTP2_WINDOW_BYTES)
        .http2InitialConnectionWindowSize(4 * HTTP2_WINDOW_BYTES)
        .http2MaxHeaderListSize(Head.BYTES_MAX)
        .http2MaxStreamsPerConnection(HTTP2_STREAMS_MAX)
        .maxRequestLength(0)
        .requestTimeoutMillis(0)
        .disableServerHeader()
        .gracefulShutdownTimeout(Duration.ZERO, options.closeWithin())
        .unhandledExceptionsReportIntervalMillis(0)
        .errorHandler(new Violations())
        .serviceUnder("/", dispatcher)
        .build();
  }

  private static InetSocketAddress address(WebOptions options) {
    InetAddress address;
    try {
      address = InetAddress.getByName(options.host());
    } catch (UnknownHostException e) {
      throw new Problem(
              Fault.BAD_ADDRESS,
              "'%s' is not an address of this machine".formatted(options.host()),
              "Listen on 127.0.0.1")
          .because(e);
    }
    if (!address.isLoopbackAddress()) {
      throw new Problem(
          Fault.PUBLIC_BIND,
          "%s can be reached from other machines, and this version has neither authentication nor TLS"
              .formatted(options.host()),
          "Listen on 127.0.0.1, and let a proxy that authenticates stand in front");
    }
    return new InetSocketAddress(address, options.port());
  }

  private static Problem cannotListen(WebOptions options, Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    if (cause instanceof BindException || text.contains("Address already in use")) {
      return new Problem(
              Fault.PORT_IN_USE,
              "port %d is in use".formatted(options.port()),
              "Stop what listens there, or choose another with --port N (0 takes any free one)")
          .because(cause);
    }
    return new Problem(
            Fault.BAD_ADDRESS,
            "cannot listen on %s:%d (%s)".formatted(options.host(), options.port(), text),
            "Listen on 127.0.0.1 and a port above 1023")
        .because(cause);
  }

  public int port() {
    return port;
  }

  public Meters meters() {
    return meters;
  }

  /// While it is not ready, everything answers 503 and the word when to come again, `/health` too.
  public void ready(boolean now) {
    dispatcher.ready(now);
  }

  /// Takes no more requests, answers those in flight within the time that the options give,
  /// interrupts the others, and returns when all connections are closed. Safe to call twice.
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) return;
    wire.stopping = true;
    Channel listener = wire.listener.get();
    if (listener != null) listener.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    streams.endAll();
    var _ =
        clock.schedule(
            () -> dispatcher.running().forEach(Exchange::interrupt),
            closeWithin.toMillis() * 9 / 10,
            TimeUnit.MILLISECONDS);
    try {
      server.stop().get(closeWithin.toMillis() + 5_000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      LOG.warn("the HTTP server did not stop in order", e);
    } finally {
      clock.shutdownNow();
      stop(loops);
    }
  }

  private static void stop(Loops loops) {
    loops.shutdownGracefully().awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  /// Answers, in our own shape, what the HTTP decoder refuses before a request exists.
  private static final class Violations implements ServerErrorHandler {
    @Override
    public HttpResponse onServiceException(ServiceRequestContext ctx, Throwable cause) {
      // A body that outgrew its cap while it was read may end the service before its own answer.
      if (Exceptions.peel(cause) instanceof ContentTooLargeException) {
        return HttpResponse.of(HttpStatus.REQUEST_ENTITY_TOO_LARGE);
      }
      LOG.error("a request ended without an answer of its own", cause);
      return HttpResponse.of(HttpStatus.INTERNAL_SERVER_ERROR);
    }

    @Override
    public @Nullable AggregatedHttpResponse onProtocolViolation(
        ServiceConfig config,
        @Nullable RequestHeaders headers,
        HttpStatus status,
        @Nullable String description,
        @Nullable Throwable cause) {
      if (status.isServerError()) LOG.error("the HTTP decoder failed ({})", description, cause);
      return render(headers, status);
    }

    @Override
    public @Nullable AggregatedHttpResponse renderStatus(
        @Nullable ServiceRequestContext ctx,
        ServiceConfig config,
        @Nullable RequestHeaders headers,
        HttpStatus status,
        @Nullable String description,
        @Nullable Throwable cause) {
      return render(headers, status);
    }

    private static AggregatedHttpResponse render(
        @Nullable RequestHeaders headers, HttpStatus status) {
      Fault fault =
          switch (status.code()) {
            case 405 -> Fault.WRONG_METHOD;
            case 413 -> Fault.BODY_TOO_LARGE;
            case 414, 431 -> Fault.HEADERS_TOO_LARGE;
            case 503 -> Fault.STOPPING;
            default -> status.isServerError() ? Fault.INTERNAL : Fault.BAD_REQUEST;
          };
      String path = headers == null ? "/" : headers.path();
      Response response =
          Failures.of(
              new Problem(fault, "the request is malformed", "Send it as RFC 9112 has it"), path);
      ResponseHeaders head = Exchange.head(response).status(status).build();
      return AggregatedHttpResponse.of(head, HttpData.wrap(response.body()));
    }
  }
}
