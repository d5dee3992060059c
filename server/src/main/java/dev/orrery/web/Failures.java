package dev.orrery.web;

import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Problem.Kind;
import java.util.LinkedHashMap;
import java.util.Map;

/// The one table from what went wrong to a status and a body.
///
/// Clients of three families read the bodies: MLflow's `{"error_code", "message"}`, the inference
/// protocols' `{"error"}`, and RFC 9457 for the rest. The path decides.
public final class Failures {
  private static final String PROBLEM_JSON = "application/problem+json";

  private Failures() {}

  /// The status that a fault is answered with.
  public static int status(Fault fault) {
    return switch (fault) {
      case LOGIN_NEEDED -> 401;
      case WRONG_METHOD -> 405;
      case TOO_SLOW -> 408;
      case WRONG_CONTENT_TYPE, NO_PREVIEW -> 415;
      case HEADERS_TOO_LARGE -> 431;
      default -> status(fault.kind());
    };
  }

  static int status(Kind kind) {
    return switch (kind) {
      case INVALID -> 400;
      case DENIED -> 403;
      case NOT_FOUND -> 404;
      case CONFLICT, GATE_NOT_MET -> 409;
      case TOO_LARGE -> 413;
      case LIMITED -> 429;
      case UNSUPPORTED -> 501;
      case UNAVAILABLE -> 503;
      case STORAGE_FULL -> 507;
      case DATA_LOSS, INTERNAL -> 500;
    };
  }

  /// The answer to a problem met at this path.
  static Response of(Problem problem, String path) {
    Fault fault = problem.fault();
    int status =
        fault == Fault.HEADERS_TOO_LARGE && problem.what().contains("URL") ? 414 : status(fault);
    Response response = body(status, fault, problem.what(), problem.remedy(), path);
    if (Grpc.isUnder(path)) return response;
    return switch (status) {
      case 401 -> response.with("www-authenticate", "Bearer realm=\"orrery\"");
      case 429, 503 -> response.with("retry-after", "1");
      default -> response;
    };
  }

  /// The answer to a bug: nothing of it but the id under which it was logged.
  static Response bug(String trace, String path) {
    String what = "a bug in Orrery, logged under " + trace;
    return body(500, Fault.INTERNAL, what, "Report it with this id", path);
  }

  private static Response body(int status, Fault fault, String what, String remedy, String path) {
    String message = what + ". " + remedy + ".";
    if (Grpc.isUnder(path)) return Grpc.refused(Grpc.status(fault), message);
    Map<String, Object> body = new LinkedHashMap<>();
    if (isMlflow(path)) {
      body.put("error_code", mlflowCode(status, fault));
      body.put("message", message);
    } else if (isInference(path)) {
      body.put("error", message);
      body.put("detail", what);
      body.put("remedy", remedy);
    } else {
      body.put("type", "urn:orrery:" + fault.code());
      body.put("title", fault.meaning());
      body.put("status", status);
      body.put("detail", what);
      body.put("code", fault.code());
      body.put("remedy", remedy);
      return new Response(status, PROBLEM_JSON, Json.bytes(body), Map.of());
    }
    body.put("code", fault.code());
    return Response.json(mlflowStatus(status, fault, path), body);
  }

  static boolean isMlflow(String path) {
    return path.startsWith("/api/2.0/")
        || path.startsWith("/api/3.0/")
        || path.startsWith("/ajax-api/")
        || path.equals("/invocations")
        || path.equals("/get-artifact")
        || path.equals("/model-versions/get-artifact");
  }

  static boolean isInference(String path) {
    return under(path, "/v1")
        || under(path, "/V1")
        || under(path, "/v2")
        || under(path, "/predict")
        || under(path, "/predictions");
  }

  static boolean under(String path, String prefix) {
    return path.startsWith(prefix)
        && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
  }

  /// MLflow answers 400 where something exists already; its clients read the code.
  private static int mlflowStatus(int status, Fault fault, String path) {
    return isMlflow(path) && exists(fault) ? 400 : status;
  }

  private static boolean exists(Fault fault) {
    return fault.name().endsWith("_EXISTS");
  }

  private static String mlflowCode(int status, Fault fault) {
    if (fault == Fault.NO_SUCH_ROUTE) return "ENDPOINT_NOT_FOUND";
    if (exists(fault)) return "RESOURCE_ALREADY_EXISTS";
    if (fault.kind() == Kind.DATA_LOSS) return "DATA_LOSS";
    return switch (status) {
      case 400 -> "INVALID_PARAMETER_VALUE";
      case 401 -> "UNAUTHENTICATED";
      case 403 -> "PERMISSION_DENIED";
      case 404 -> "RESOURCE_DOES_NOT_EXIST";
      case 409 -> "RESOURCE_CONFLICT";
      case 429, 507 -> "RESOURCE_EXHAUSTED";
      case 501 -> "NOT_IMPLEMENTED";
      case 503 -> "TEMPORARILY_UNAVAILABLE";
      case 500 -> "INTERNAL_ERROR";
      default -> "BAD_REQUEST";
    };
  }
}
