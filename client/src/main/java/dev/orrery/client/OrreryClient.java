package dev.orrery.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One server of Orrery, or of MLflow, and everything a program does there.
///
/// ```java
/// var client = OrreryClient.connect("http://127.0.0.1:8080");
/// try (var run = client.start("churn", "first try")) {
///   run.param("depth", "6");
///   run.metric("auc", 0.91, 1);
///   run.artifact(Path.of("model.txt"));
/// }
/// ```
///
/// Safe for use by many threads. Nothing has to be closed: connections end when they are idle.
public final class OrreryClient {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(120);

  private final Http http;
  private final InstantSource clock;
  private final Experiments experiments;
  private final Runs runs;
  private final Artifacts artifacts;
  private final Models models;
  private final LoggedModels loggedModels;

  private OrreryClient(Http http, InstantSource clock) {
    this.http = http;
    this.clock = clock;
    this.experiments = new Experiments(http);
    this.runs = new Runs(http, clock);
    this.artifacts = new Artifacts(http, runs);
    this.models = new Models(http, artifacts);
    this.loggedModels = new LoggedModels(http, artifacts);
  }

  /// The server at an address, with the credentials of the environment: `MLFLOW_TRACKING_TOKEN`, or
  /// `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`.
  public static OrreryClient connect(String address) {
    return at(address).build();
  }

  /// The server named by `MLFLOW_TRACKING_URI`.
  ///
  /// @throws IllegalStateException if it is not set
  public static OrreryClient connect() {
    String address = System.getenv("MLFLOW_TRACKING_URI");
    if (address == null || address.isBlank()) {
      throw new IllegalStateException(
          "MLFLOW_TRACKING_URI is not set. Set it to the server's address, such as"
              + " http://127.0.0.1:8080, or give the address to connect().");
    }
    return connect(address);
  }

  public static Builder at(String address) {
    return new Builder(address);
  }

  public Experiments experiments() {
    return experiments;
  }

  public Runs runs() {
    return runs;
  }

  public Artifacts artifacts() {
    return artifacts;
  }

  /// The registry.
  public Models models() {
    return models;
  }

  public LoggedModels loggedModels() {
    return loggedModels;
  }

  /// Starts a run of an experiment that is made if it is not there; closing the run ends it.
  public ActiveRun start(String experiment, String name) {
    return start(experiment, name, null);
  }

  /// Starts a run within another.
  public ActiveRun start(String experiment, String name, @Nullable String parent) {
    Map<String, String> tags = parent == null ? Map.of() : Map.of("mlflow.parentRunId", parent);
    Run run = runs.create(experiments.named(experiment).id(), name, tags);
    return new ActiveRun(this, run);
  }

  /// Metrics of a run that are taken without waiting and sent in the background.
  public MetricLog.Builder metricLog(String run) {
    return new MetricLog.Builder(http, clock, run);
  }

  /// Any call, for what has no face here: the path from the root, such as `/api/v1/...`, and JSON.
  ///
  /// @return the answer's text
  public String call(String method, String path, @Nullable String json) {
    return http.call(method, path, json);
  }

  InstantSource clock() {
    return clock;
  }

  /// How to reach a server.
  public static final class Builder {
    private final String root;
    private @Nullable String authorization;
    private Duration timeout = TIMEOUT;
    private Retries retries = Retries.DEFAULT;
    private InstantSource clock = InstantSource.system();

    private Builder(String address) {
      URI uri = URI.create(address.strip());
      boolean isHttp = List.of("http", "https").contains(String.valueOf(uri.getScheme()));
      if (!isHttp || uri.getHost() == null) {
        throw new IllegalArgumentException(
            "'%s' is no address of a server. It is such as http://127.0.0.1:8080."
                .formatted(address));
      }
      this.root = address.strip().replaceFirst("/+$", "");
      String user = System.getenv("MLFLOW_TRACKING_USERNAME");
      String password = System.getenv("MLFLOW_TRACKING_PASSWORD");
      if (user != null && password != null) basic(user, password);
      Optional.ofNullable(System.getenv("MLFLOW_TRACKING_TOKEN")).ifPresent(this::token);
    }

    public Builder token(String token) {
      authorization = "Bearer " + token;
      return this;
    }

    public Builder basic(String user, String password) {
      byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      authorization = "Basic " + Base64.getEncoder().encodeToString(pair);
      return this;
    }

    /// How long one try may take until the answer begins.
    public Builder timeout(Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    public Builder retries(Retries retries) {
      this.retries = retries;
      return this;
    }

    /// What gives metrics their time when they come without one.
    public Builder clock(InstantSource clock) {
      this.clock = clock;
      return this;
    }

    public OrreryClient build() {
      HttpClient client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(CONNECT)
              .followRedirects(HttpClient.Redirect.NEVER)
              .build();
      return new OrreryClient(new Http(client, root, authorization, timeout, retries), clock);
    }
  }
}
