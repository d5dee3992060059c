package dev.orrery.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.Golden;
import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What MLflow's clients ask of experiments, runs and metrics, over HTTP to a started server; every
/// request and its answer stand in a file.
class TrackingWireTest {
  private static final Instant NOON = Instant.parse("2001-03-01T12:00:00Z");
  private static final Pattern RUN = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern ANY_NAME = Pattern.compile("\"[a-z]+-[a-z]+-[0-9]{1,3}\"");
  private static final String API = "/api/2.0/mlflow/";

  @TempDir Path home;
  private Orrery orrery;
  private final HttpClient client = HttpClient.newHttpClient();
  private final StringBuilder told = new StringBuilder();
  private final Map<String, String> runs = new LinkedHashMap<>();

  @BeforeEach
  void start() {
    orrery =
        Orrery.start(OrreryOptions.of(home, 0).withVirtualClock(NOON), InstantSource.fixed(NOON));
  }

  @AfterEach
  void stop() {
    orrery.close();
  }

  @Test
  void experiments_answer_as_the_file_says() throws Exception {
    post("experiments/create", "{'name':'flights','tags':[{'key':'team','value':'ops'}]}");
    post("experiments/create", "{'name':'flights'}");
    post("experiments/create", "{}");
    post("experiments/create", "{'name':5}");
    post("experiments/create", "{'name':'x','artifact_location':'runs:/1'}");
    post("experiments/create", "{'name':'x','artifact_location':'s3://b/p#f'}");
    post("experiments/create", "{'name':'elsewhere','artifact_location':'s3://bucket/path/'}");
    get("experiments/get?experiment_id=1");
    get("experiments/get?experiment_id=0");
    get("experiments/get?experiment_id=77");
    get("experiments/get?experiment_id=..%2Fetc");
    get("experiments/get-by-name?experiment_name=flights");
    get("experiments/get-by-name?experiment_name=nobody");
    post("experiments/search", "{'max_results':2}");
    get("experiments/search?max_results=1&filter=tags.team%20%3D%20%27ops%27");
    get("experiments/search?max_results=2&order_by=name&page_token=eyJvZmZzZXQiOjJ9");
    get("experiments/search?page_token=nonsense");
    get("experiments/search?max_results=0");
    post("experiments/search", "{'filter':'size > 3'}");
    post("experiments/update", "{'experiment_id':1,'new_name':'late flights'}");
    post("experiments/update", "{'experiment_id':'1','new_name':'elsewhere'}");
    post("experiments/set-experiment-tag", "{'experiment_id':'1','key':'k','value':'v'}");
    post("experiments/delete-experiment-tag", "{'experiment_id':'1','key':'k'}");
    post("experiments/delete-experiment-tag", "{'experiment_id':'1','key':'k'}");
    post("experiments/delete", "{'experiment_id':'1'}");
    post("experiments/delete", "{'experiment_id':'1'}");
    post("experiments/update", "{'experiment_id':'1','new_name':'again'}");
    post("experiments/create", "{'name':'late flights'}");
    post("runs/create", "{'experiment_id':'1'}");
    post("experiments/search", "{'view_type':'DELETED_ONLY'}");
    post("experiments/restore", "{'experiment_id':'1'}");
    post("experiments/restore", "{'experiment_id':'1'}");
    get("experiments/get?experiment_id=1");
    check("experiments");
  }

  @Test
  void runs_answer_as_the_file_says() throws Exception {
    post(
        "runs/create",
        "{'experiment_id':'0','run_name':'first','user_id':'ada','start_time':'1000','tags':[{'key':'team','value':'ops'}]}");
    post("runs/create", "{'start_time':2000}");
    post("runs/create", "{'run_name':'a','tags':[{'key':'mlflow.runName','value':'b'}]}");
    post("runs/create", "{'experiment_id':'9'}");
    post("runs/log-metric", "{'run_id':'RUN1','key':'loss','value':0.5,'timestamp':10,'step':1}");
    post(
        "runs/log-metric",
        "{'run_uuid':'RUN1','key':'loss','value':'NaN','timestamp':'11','step':'2'}");
    post("runs/log-metric", "{'run_id':'RUN1','key':'top','value':'Infinity','timestamp':10}");
    post("runs/log-metric", "{'run_id':'RUN1','key':'loss','value':'apple','timestamp':10}");
    post("runs/log-metric", "{'run_id':'RUN1','key':'loss','timestamp':10}");
    post("runs/log-metric", "{'run_id':'RUN1','key':'loss','value':1,'timestamp':-1}");
    post("runs/log-metric", "{'run_id':'RUN1','key':'../loss','value':1,'timestamp':1}");
    post("runs/log-metric", "{'run_id':'nope','key':'loss','value':1,'timestamp':1}");
    post("runs/log-metric", "{'key':'loss','value':1,'timestamp':1}");
    post("runs/log-parameter", "{'run_id':'RUN1','key':'lr','value':'0.1'}");
    post("runs/log-parameter", "{'run_id':'RUN1','key':'lr','value':'0.1'}");
    post("runs/log-parameter", "{'run_id':'RUN1','key':'lr','value':'0.2'}");
    post("runs/log-parameter", "{'run_id':'RUN1','key':'empty'}");
    post("runs/set-tag", "{'run_id':'RUN1','key':'mlflow.runName','value':'renamed'}");
    post("runs/delete-tag", "{'run_id':'RUN1','key':'team'}");
    post("runs/delete-tag", "{'run_id':'RUN1','key':'team'}");
    get("runs/get?run_id=RUN1");
    get("runs/get?run_id=RUN2");
    get("runs/get");
    post("runs/update", "{'run_id':'RUN1','status':'FINISHED','end_time':5000,'run_name':'last'}");
    post("runs/update", "{'run_id':'RUN1','status':'DONE'}");
    post("runs/delete", "{'run_id':'RUN1'}");
    post("runs/delete", "{'run_id':'RUN1'}");
    post("runs/set-tag", "{'run_id':'RUN1','key':'a','value':'b'}");
    get("runs/get?run_id=RUN1");
    post("runs/restore", "{'run_id':'RUN1'}");
    post("runs/log-model", "{'run_id':'RUN2','model_json':'{}'}");
    check("runs");
  }

  @Test
  void batches_are_noted_whole_or_not_at_all_as_the_file_says() throws Exception {
    post("runs/create", "{'run_name':'batch','start_time':1}");
    post(
        "runs/log-batch",
        "{'run_id':'RUN1','metrics':[{'key':'a','value':1,'timestamp':1},{'key':'a','value':1,'timestamp':1},{'key':'a','value':2,'timestamp':1,'step':-3}],'params':[{'key':'p','value':'1'}],'tags':[{'key':'t','value':'x'}]}");
    post(
        "runs/log-batch",
        "{'run_id':'RUN1','metrics':[{'key':'b','value':1,'timestamp':1}],'params':[{'key':'p','value':'2'}],'tags':[{'key':'u','value':'x'}]}");
    post(
        "runs/log-batch",
        "{'run_id':'RUN1','metrics':[{'key':'b','value':1,'timestamp':1},{'key':'b','timestamp':1}]}");
    post(
        "runs/log-batch",
        "{'run_id':'RUN1','params':[{'key':'q','value':'1'},{'key':'q','value':'1'}]}");
    post("runs/log-batch", "{'run_id':'RUN1','tags':[{'value':'1'}]}");
    String many =
        IntStream.range(0, 101)
            .mapToObj(i -> "{'key':'k" + i + "'}")
            .collect(Collectors.joining(","));
    post("runs/log-batch", "{'run_id':'RUN1','params':[" + many + "]}");
    get("runs/get?run_id=RUN1");
    get("metrics/get-history?run_id=RUN1&metric_key=a");
    get("metrics/get-history?run_id=RUN1&metric_key=a&max_results=1");
    get("metrics/get-history?run_id=RUN1&metric_key=none");
    get("metrics/get-history?run_id=RUN1");
    get("metrics/get-history-bulk?run_id=RUN1&metric_key=a");
    get("metrics/get-history-bulk?metric_key=a");
    get("metrics/get-history-bulk-interval?run_ids=RUN1&metric_key=a&start_step=-9&end_step=0");
    get("metrics/get-history-bulk-interval?run_ids=RUN1&metric_key=a&start_step=1");
    check("batches");
  }

  @Test
  void searches_answer_as_the_file_says() throws Exception {
    for (int i = 1; i <= 3; i++) {
      post("runs/create", "{'run_name':'r%d','start_time':%d}".formatted(i, i));
      post(
          "runs/log-batch",
          "{'run_id':'RUN%d','metrics':[{'key':'auc','value':0.%d,'timestamp':1}],'params':[{'key':'lr','value':'0.%d'}]}"
              .formatted(i, i, i % 2));
    }
    told.setLength(0);
    post(
        "runs/search",
        "{'experiment_ids':['0'],'filter':'metrics.auc > 0.1','order_by':['metrics.auc"
            + " DESC'],'max_results':2}");
    post("runs/search", "{'experiment_ids':['0'],'max_results':2,'page_token':'eyJvZmZzZXQiOjJ9'}");
    post("runs/search", "{'experiment_ids':[]}");
    post("runs/search", "{'experiment_ids':['77','abc']}");
    post("runs/search", "{'experiment_ids':['0'],'max_results':50001}");
    post("runs/search", "{'experiment_ids':['0'],'filter':'metrics.auc > high'}");
    post("runs/search", "{'experiment_ids':['0'],'filter':'metric.auc = 1 or 1 = 1'}");
    post("runs/search", "{'experiment_ids':['0'],'order_by':['metrics.auc','metrics.auc']}");
    post("runs/search", "{'experiment_ids':['0'],'run_view_type':'SOME'}");
    check("searches");
  }

  @Test
  void what_is_not_spoken_is_501_and_the_version_is_told() throws Exception {
    assertThat(send("GET", "/version", "").body()).isEqualTo("3.6.0");
    assertThat(send("GET", "/health", "").body()).isEqualTo("OK");
    for (String path :
        List.of("/api/3.0/mlflow/traces/search", "/api/2.0/mlflow/users/create", "/graphql")) {
      assertThat(send("POST", path, "{}").statusCode()).as(path).isEqualTo(501);
    }
    HttpResponse<String> unknown = send("GET", "/api/2.0/mlflow/nothing", "");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("\"error_code\":\"ENDPOINT_NOT_FOUND\"");
  }

  @Test
  void a_form_is_refused_as_mlflow_refuses_it_and_what_is_no_json_makes_nothing() throws Exception {
    HttpResponse<String> form =
        client.send(
            HttpRequest.newBuilder(URI.create(orrery.address() + API + "runs/create"))
                .header("content-type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("a=b"))
                .build(),
            BodyHandlers.ofString());
    assertThat(form.statusCode()).isEqualTo(400);
    assertThat(form.body())
        .contains("Bad Request. Content-Type must be one of ['application/json'].");
    assertThat(send("POST", API + "experiments/create", "not json").body())
        .contains("The body is not JSON");
    assertThat(send("POST", API + "runs/create", "{\"experiment_id\":\"0\",").statusCode())
        .isEqualTo(400);
    assertThat(send("POST", API + "experiments/create", "\"{\\\"name\\\": \\\"twice\\\"}\"").body())
        .isEqualTo("{\"experiment_id\":\"1\"}");
  }

  @Test
  void a_key_makes_a_run_once_and_another_request_under_it_is_refused() throws Exception {
    String[] answers = new String[2];
    for (int i = 0; i < 2; i++) {
      answers[i] = send("POST", API + "runs/create", "{}", "idempotency-key", "k1").body();
    }
    assertThat(answers[0]).isEqualTo(answers[1]);
    HttpResponse<String> other =
        send("POST", API + "runs/create", "{\"run_name\":\"b\"}", "idempotency-key", "k1");
    assertThat(other.statusCode()).isEqualTo(409);
    assertThat(send("POST", API + "runs/search", "{\"experiment_ids\":[\"0\"]}").body())
        .containsOnlyOnce("\"run_id\"");
  }

  private void post(String path, String body) throws Exception {
    tell("POST", path, body);
  }

  private void get(String path) throws Exception {
    tell("GET", path, "");
  }

  private void tell(String method, String path, String body) throws Exception {
    HttpResponse<String> response = send(method, API + known(path), known(body.replace('\'', '"')));
    told.append("> %s %s %s".formatted(method, path, body).strip()).append('\n');
    told.append("< %d %s\n".formatted(response.statusCode(), plain(response.body())));
  }

  /// The ids that stand for `RUN1` and so on.
  private String known(String text) {
    String known = text;
    for (Map.Entry<String, String> run : runs.entrySet()) {
      known = known.replace(run.getValue(), run.getKey());
    }
    return known;
  }

  private String plain(String text) {
    Matcher found = RUN.matcher(text);
    List<String> ids = new ArrayList<>();
    while (found.find()) ids.add(found.group());
    String plain = text;
    for (String id : ids) {
      plain = plain.replace(id, runs.computeIfAbsent(id, _ -> "RUN" + (runs.size() + 1)));
    }
    return ANY_NAME.matcher(plain).replaceAll("\"ANY-NAME\"");
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(orrery.address() + path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!body.isEmpty()) request.header("content-type", "application/json");
    if (headers.length > 0) request.headers(headers);
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private void check(String name) throws IOException {
    Golden.check("server/src/test/golden/mlflow-" + name + ".txt", told.toString());
  }
}
