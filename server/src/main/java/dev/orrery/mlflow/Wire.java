package dev.orrery.mlflow;

import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.sql.Tx;
import dev.orrery.web.Handler;
import dev.orrery.web.Once;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Declares what MLflow's clients ask, each under `/api/2.0` and its twin `/ajax-api/2.0`.
///
/// A path is such as `/mlflow/logged-models/{model_id}`; its variables are fields of the message.
/// The object that a handler gives is an [Answer], or a [Response] as it is.
public final class Wire {
  /// Answers a message and changes nothing.
  @FunctionalInterface
  public interface ReadHandler {
    Object handle(Message message);
  }

  /// Does what a message asks within a transaction, and answers. It may run again after a conflict,
  /// so it touches nothing but the transaction.
  @FunctionalInterface
  public interface WriteHandler {
    Object handle(Message message, Tx tx);
  }

  private static final int BODY_BYTES_MAX = 4 << 20;
  private static final List<String> PREFIXES = List.of("/api/2.0", "/ajax-api/2.0");
  private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)(?:\\.\\.\\.)?}");

  private final Routes routes;
  private final Once once;

  public Wire(Routes routes, Once once) {
    this.routes = routes;
    this.once = once;
  }

  public void read(String method, String path, ReadHandler handler) {
    List<String> variables = variables(path);
    add(
        method,
        path,
        Permission.VIEW,
        request -> response(handler.handle(Message.of(request, variables))));
  }

  /// A write runs in a transaction of its own, once for each `Idempotency-Key`.
  public void write(String method, String path, Permission permission, WriteHandler handler) {
    List<String> variables = variables(path);
    add(
        method,
        path,
        permission,
        request -> {
          Message message = Message.of(request, variables);
          return once.write(request, tx -> response(handler.handle(message, tx)));
        });
  }

  /// What is done outside of a transaction, because it calls another server.
  public void act(String method, String path, Permission permission, ReadHandler handler) {
    List<String> variables = variables(path);
    add(
        method,
        path,
        permission,
        request -> response(handler.handle(Message.of(request, variables))));
  }

  /// A part of the protocol that is not spoken here: 501, which clients do not send again.
  ///
  /// @param prefix such as `/api/3.0`; its twin is answered alike
  public void refuse(String method, String prefix, String path, String what) {
    Handler handler =
        _ -> {
          throw new Problem(
              Fault.NOT_SPOKEN,
              "Orrery does not keep " + what,
              "Use an MLflow server for these; runs, models and artifacts are kept here");
        };
    for (String start : List.of(prefix, prefix.replaceFirst("^/api", "/ajax-api"))) {
      Permission permission = method.equals("GET") ? Permission.VIEW : Permission.EDIT;
      routes.add(method, start + path, permission, RouteOptions.DEFAULT, handler);
    }
  }

  private void add(String method, String path, Permission permission, Handler handler) {
    for (String prefix : PREFIXES) {
      routes.add(method, prefix + path, permission, RouteOptions.body(BODY_BYTES_MAX), handler);
    }
  }

  private static List<String> variables(String path) {
    return VARIABLE.matcher(path).results().map((MatchResult found) -> found.group(1)).toList();
  }

  private static Response response(Object answer) {
    return answer instanceof Response response
        ? response
        : Response.jsonBytes(Answer.bytes(answer));
  }
}
