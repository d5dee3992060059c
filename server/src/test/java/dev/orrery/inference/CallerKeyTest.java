package dev.orrery.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import dev.orrery.model.Datatype;
import dev.orrery.model.Port;
import dev.orrery.model.Tensor;
import dev.orrery.web.Meters;
import dev.orrery.web.Routes;
import dev.orrery.web.WebOptions;
import dev.orrery.web.WebServer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The caller's key and the version asked for reach the model over every protocol, and what would
/// not is refused.
class CallerKeyTest {
  /// Answers what it is asked, and notes by whom.
  private static final class Noting implements Servable {
    final List<String> calls = new ArrayList<>();

    @Override
    public String name() {
      return "echo";
    }

    @Override
    public Metadata metadata(Optional<String> version) {
      Port x = Port.of("x", Datatype.FP64, -1);
      return new Metadata("echo", List.of("1.0.0"), "none", List.of(x), List.of(x), List.of());
    }

    @Override
    public List<String> params() {
      return List.of("temperature");
    }

    @Override
    public boolean ready(Optional<String> version) {
      return true;
    }

    @Override
    public List<Version> versions() {
      return List.of();
    }

    @Override
    public Result infer(Call call) {
      calls.add(call.key() + " " + call.version().orElse("-"));
      return new Result("1.0.0", new LinkedHashMap<>(call.inputs()));
    }

    @Override
    public Statistics statistics(String version) {
      return new Statistics(InstantSource.system());
    }
  }

  private final Noting model = new Noting();
  private Catalog catalog;
  private WebServer server;
  private WebClient client;

  @BeforeEach
  void start() {
    catalog = new Catalog(CatalogOptions.DEFAULT);
    catalog.add(model);
    Routes routes = new Routes();
    InferenceRoutes.add(routes, catalog);
    server = WebServer.start(WebOptions.anyPort(), routes, new Meters());
    client = WebClient.of("h2c://127.0.0.1:" + server.port());
  }

  @AfterEach
  void stop() {
    server.close();
    catalog.close();
  }

  private AggregatedHttpResponse post(String path, String header, byte[] body, String type) {
    var headers =
        RequestHeaders.builder(HttpMethod.POST, path)
            .set("content-type", type)
            .set("te", "trailers");
    if (!header.isEmpty()) headers.set("orrery-key", header);
    return client.execute(headers.build(), HttpData.wrap(body)).aggregate().join();
  }

  private String rest(String path, String header, String body) {
    return String.valueOf(post(path, header, body.getBytes(), "application/json").status().code());
  }

  /// @return the gRPC status
  private String grpc(String version, String header, String parameter) {
    ProtoOut asked = new ProtoOut().string(1, "echo").string(2, version);
    if (!parameter.isEmpty()) {
      ProtoOut value = new ProtoOut().string(3, parameter);
      asked.message(4, new ProtoOut().string(1, "orrery-key").message(2, value));
    }
    ProtoOut input = new ProtoOut().string(1, "x").string(2, "FP64").numbers(3, new long[] {1});
    asked.message(5, input).tensor(7, Tensor.of(new double[] {2.5}, 1));
    byte[] message = asked.toBytes();
    byte[] framed = new byte[message.length + 5];
    framed[4] = (byte) message.length;
    System.arraycopy(message, 0, framed, 5, message.length);
    var answer =
        post("/inference.GRPCInferenceService/ModelInfer", header, framed, "application/grpc");
    String ended = answer.headers().get("grpc-status");
    return String.valueOf(ended == null ? answer.trailers().get("grpc-status") : ended);
  }

  @Test
  void what_would_not_reach_the_model_is_refused_and_not_passed_over() {
    String frame = "{\"dataframe_records\":[{\"x\":1}],\"params\":{%s}}";
    assertThat(rest("/invocations", "", frame.formatted(""))).isEqualTo("200");
    assertThat(rest("/invocations", "", frame.formatted("\"top_k\":1"))).isEqualTo("200");
    byte[] declared = frame.formatted("\"temperature\":1").getBytes();
    var refused = post("/invocations", "", declared, "application/json");
    assertThat(refused.status().code()).isEqualTo(400);
    assertThat(refused.contentUtf8()).contains("'temperature'", "not supported");

    assertThat(rest("/invocations?model=echo", "", frame.formatted(""))).isEqualTo("200");
    byte[] plain = frame.formatted("").getBytes();
    var misspelt = post("/invocations?modle=other", "", plain, "application/json");
    assertThat(misspelt.status().code()).isEqualTo(400);
    assertThat(misspelt.contentUtf8()).contains("'modle' is no parameter", "model");
    assertThat(model.calls).hasSize(3);
  }

  @Test
  void over_rest_it_is_a_header_or_a_parameter_of_the_open_inference_protocol() {
    String tensor =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[2]}]%s}";
    String plain = tensor.formatted("");
    String keyed = tensor.formatted(",\"parameters\":{\"orrery-key\":\"ann\"}");
    assertThat(rest("/v2/models/echo/infer", "", plain)).isEqualTo("200");
    assertThat(rest("/v2/models/echo/versions/1.0.0/infer", "bob", plain)).isEqualTo("200");
    assertThat(rest("/v2/models/echo/infer", "", keyed)).isEqualTo("200");
    assertThat(rest("/v2/models/echo/infer", "ann", keyed)).isEqualTo("200");
    assertThat(rest("/v2/models/echo/infer", "bob", keyed)).isEqualTo("400");
    assertThat(rest("/v2/models/echo/infer", "", keyed.replace("\"ann\"", "7"))).isEqualTo("400");
    String rows = "{\"instances\":[2]}";
    assertThat(rest("/v1/models/echo/versions/1.0.0:predict", "bob", rows)).isEqualTo("200");
    assertThat(model.calls).containsExactly(" -", "bob 1.0.0", "ann -", "ann -", "bob 1.0.0");
  }

  @Test
  void over_grpc_it_is_metadata_or_a_parameter() {
    assertThat(grpc("", "", "")).isEqualTo("0");
    assertThat(grpc("1.0.0", "bob", "")).isEqualTo("0");
    assertThat(grpc("", "", "ann")).isEqualTo("0");
    assertThat(grpc("", "ann", "ann")).isEqualTo("0");
    assertThat(grpc("", "bob", "ann")).as("INVALID_ARGUMENT").isEqualTo("3");
    assertThat(model.calls).containsExactly(" -", "bob 1.0.0", "ann -", "ann -");
  }
}
