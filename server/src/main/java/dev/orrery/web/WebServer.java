package dev.orrery.web;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.Server;
import dev.orrery.access.Principal;
import dev.orrery.access.Role;
import dev.orrery.base.Problem;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A running HTTP server; closing it answers what is in flight first.
public final class WebServer implements AutoCloseable {
  private final Server server;
  private final ExecutorService threads;
  private volatile boolean ready;

  private WebServer(Server server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /// Listens and answers.
  public static WebServer start(WebOptions options, Routes routes) {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    Server server =
        Server.builder()
            .http(new InetSocketAddress(options.host(), options.port()))
            .serviceUnder(
                "/",
                (ctx, req) ->
                    HttpResponse.of(
                        req.aggregate()
                            .thenApplyAsync(
                                whole -> {
                                  try {
                                    Paths.Target target = Paths.target(ctx.rawPath());
                                    RouteTree.Match match = routes.tree().find(target.segments());
                                    var leaf =
                                        match == null ? null : match.leaf(whole.method().name());
                                    if (leaf == null) return HttpResponse.of(404);
                                    Request request =
                                        new Request(
                                            whole.method().name(),
                                            target,
                                            leaf.route(),
                                            leaf.names(),
                                            java.util.Objects.requireNonNull(match).values(),
                                            name -> whole.headers().get(name),
                                            whole.content().array(),
                                            new Principal("local", Role.ADMIN));
                                    Response r = leaf.route().handler().handle(request);
                                    return HttpResponse.of(
                                        ResponseHeaders.of(
                                            com.linecorp.armeria.common.HttpStatus.valueOf(
                                                r.status()),
                                            "content-type",
                                            r.contentType()),
                                        HttpData.wrap(r.body()));
                                  } catch (Problem p) {
                                    return HttpResponse.of(
                                        com.linecorp.armeria.common.HttpStatus.valueOf(400),
                                        MediaType.PLAIN_TEXT_UTF_8,
                                        p.getMessage());
                                  } catch (Exception e) {
                                    return HttpResponse.of(500);
                                  }
                                },
                                threads)))
            .build();
    server.start().join();
    return new WebServer(server, threads);
  }

  public int port() {
    return server.activeLocalPort();
  }

  /// Until this is said, everything but health answers 503 with a word when to come again.
  public void ready() {
    ready = true;
  }

  @Override
  public void close() {
    server.stop().join();
    threads.close();
  }
}
