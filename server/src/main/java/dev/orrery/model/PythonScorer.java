package dev.orrery.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An MLflow `python_function` model, answered by a supervised process (see [PythonWorker]), one
/// call at a time; up to 64 more wait. A process that ended is started again, after 0.5 s, 1 s, 2 s
/// and so on up to 30 s between starts; after ten in a row without an answer, no more.
final class PythonScorer implements Scorer {
  private static final Logger log = LoggerFactory.getLogger(PythonScorer.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WAITING_MAX = 64;
  private static final int FAILURES_MAX = 10;
  private static final Duration WAIT_MAX = Duration.ofSeconds(30);

  private final MlflowModel model;
  private final PythonWorker.Settings settings;
  private final List<Port> outputs;
  private final ReentrantLock turn = new ReentrantLock(true);
  private final Semaphore places = new Semaphore(WAITING_MAX + 1);
  private @Nullable PythonWorker worker;
  private int failures;
  private long nextStart;
  private boolean isClosed;

  /// Starts the process, so that a model that does not load is refused here.
  PythonScorer(MlflowModel model, PythonWorker.Settings settings) {
    this.model = model;
    this.settings = settings;
    this.worker = PythonWorker.start(model.folder(), kind(), settings);
    this.outputs = model.outputs().isEmpty() ? asked() : model.outputs();
  }

  private String kind() {
    return model.isTable() ? "columns" : "tensor";
  }

  @Override
  public String platform() {
    return "mlflow_pyfunc";
  }

  @Override
  public List<Port> inputs() {
    return model.inputs().stream().map(MlflowModel.Column::port).toList();
  }

  @Override
  public List<Port> outputs() {
    return outputs;
  }

  @Override
  public List<String> params() {
    return model.params();
  }

  /// The process that answers; 0 while there is none.
  long pid() {
    PythonWorker now = worker;
    return now == null ? 0 : now.pid();
  }

  @Override
  public SequencedMap<String, Tensor> score(SequencedMap<String, Tensor> inputs) {
    SequencedMap<String, Tensor> answer = call(inputs);
    if (answer.size() == outputs.size()) {
      var named = new LinkedHashMap<String, Tensor>();
      var values = answer.values().iterator();
      for (Port port : outputs) {
        Tensor value = values.next();
        Tensor own = answer.get(port.name());
        named.put(port.name(), cast(own == null ? value : own, port));
      }
      return named;
    }
    throw new Problem(
        Fault.SCORING_FAILED,
        "the model gave %d outputs, and its signature names %d"
            .formatted(answer.size(), outputs.size()),
        "Log the model again with the signature of what it gives");
  }

  private static Tensor cast(Tensor value, Port port) {
    if (value.type() == port.type()) return value;
    if (!value.type().isNumeric() || !port.type().isNumeric()) {
      throw new Problem(
          Fault.SCORING_FAILED,
          "the model gave %s where its signature says %s".formatted(value.type(), port.type()),
          "Log the model again with the signature of what it gives");
    }
    int count = Math.toIntExact(value.count());
    var bytes = ByteBuffer.allocate(count * port.type().size()).order(ByteOrder.nativeOrder());
    TensorCast.put(value, port.type(), bytes);
    bytes.clear();
    return new Tensor(
        port.type(), value.shape(), OnnxTensorReader.ofRaw(port.type(), bytes, count));
  }

  private SequencedMap<String, Tensor> call(SequencedMap<String, Tensor> inputs) {
    if (!places.tryAcquire()) {
      throw new Problem(
          Fault.MODEL_BUSY,
          "%d requests wait for the Python process of the model".formatted(WAITING_MAX),
          "Ask again later, or send more rows in a request");
    }
    boolean isOurTurn = false;
    try {
      isOurTurn = turn.tryLock(settings.call().toMillis(), TimeUnit.MILLISECONDS);
      if (!isOurTurn) {
        throw new Problem(
            Fault.MODEL_BUSY, "the Python process of the model is busy", "Ask again later");
      }
      return exchange(inputs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Problem(Fault.INTERRUPTED, "the request was interrupted", "Ask again").because(e);
    } finally {
      if (isOurTurn) turn.unlock();
      places.release();
    }
  }

  private SequencedMap<String, Tensor> exchange(SequencedMap<String, Tensor> inputs) {
    var header = JSON.createObjectNode();
    var specs = header.putArray("tensors");
    List<byte[]> elements = new ArrayList<>();
    for (MlflowModel.Column column : model.inputs()) {
      Tensor value = java.util.Objects.requireNonNull(inputs.get(column.port().name()));
      // A missing value makes a column of whole numbers one of floats, as pandas does it.
      boolean isWhole = !column.port().type().isFloating() && value.type().isFloating();
      Datatype type = isWhole && hasMissing(value) ? Datatype.FP64 : column.port().type();
      byte[] bytes = bytes(value, type);
      elements.add(bytes);
      var spec = specs.addObject().put("name", column.port().name());
      spec.put("datatype", type.name()).put("bytes", bytes.length).put("column", column.type());
      var shape = spec.putArray("shape");
      for (long length : value.shape()) shape.add(length);
    }
    PythonWorker now = alive();
    try {
      PythonWorker.Frame answer =
          now.ask(header.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8), elements);
      failures = 0;
      return tensors(answer);
    } catch (Problem e) {
      if (e.fault() == Fault.WORKER_FAILED) fallen();
      throw e;
    }
  }

  private PythonWorker alive() {
    if (isClosed) {
      throw new Problem(
          Fault.MODEL_NOT_READY, "the model is being unloaded", "Ask again, or load it again");
    }
    PythonWorker now = worker;
    if (now != null && now.isAlive()) return now;
    if (now != null) fallen();
    if (failures >= FAILURES_MAX) {
      throw new Problem(
          Fault.WORKER_FAILED,
          "the Python process of the model ended %d times in a row".formatted(failures),
          "See the server's log, mend the model, and load it again");
    }
    long wait = nextStart - System.nanoTime();
    if (wait > 0) {
      throw new Problem(
          Fault.WORKER_FAILED,
          "the Python process of the model ended, and starts again in %d ms"
              .formatted(TimeUnit.NANOSECONDS.toMillis(wait)),
          "Ask again then");
    }
    try {
      PythonWorker started = PythonWorker.start(model.folder(), kind(), settings);
      log.warn("the Python process of {} was started again", model.folder());
      worker = started;
      return started;
    } catch (Problem e) {
      fallen();
      throw e;
    }
  }

  private void fallen() {
    PythonWorker now = worker;
    if (now != null) now.close();
    worker = null;
    failures++;
    long wait = Duration.ofMillis(500L << Math.min(10, failures - 1)).toNanos();
    nextStart = System.nanoTime() + Math.min(wait, WAIT_MAX.toNanos());
  }

  private static boolean hasMissing(Tensor value) {
    for (double x : value.doubles()) if (Double.isNaN(x)) return true;
    return false;
  }

  private static byte[] bytes(Tensor value, Datatype type) {
    if (type == Datatype.BYTES) {
      if (!(value.data() instanceof byte[][] texts)) {
        throw new Problem(Fault.BAD_TENSOR, "numbers stand where texts belong", "Send BYTES");
      }
      var out = new ByteArrayOutputStream();
      var size = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      for (byte[] text : texts) {
        out.writeBytes(size.clear().putInt(text == null ? -1 : text.length).array());
        if (text != null) out.writeBytes(text);
      }
      return out.toByteArray();
    }
    var into =
        ByteBuffer.allocate(Math.toIntExact(value.count() * type.size()))
            .order(ByteOrder.LITTLE_ENDIAN);
    TensorCast.put(value, type, into);
    return into.array();
  }

  private static SequencedMap<String, Tensor> tensors(PythonWorker.Frame answer) {
    var tensors = new LinkedHashMap<String, Tensor>();
    for (JsonNode spec : answer.header().path("tensors")) {
      Datatype type = Datatype.of(spec.path("datatype").asText());
      long[] shape = new long[spec.path("shape").size()];
      for (int i = 0; i < shape.length; i++) shape[i] = spec.path("shape").get(i).asLong();
      int size = spec.path("bytes").asInt();
      int count = Math.toIntExact(Tensor.count(shape));
      ByteBuffer all = answer.elements();
      boolean isFit = size >= 0 && size <= all.remaining();
      if (!isFit || (type != Datatype.BYTES && size != count * type.size())) {
        throw new Problem(
            Fault.WORKER_FAILED, "the Python process sent a bad tensor", "Load the model again");
      }
      byte[] own = new byte[size];
      all.get(own);
      var bytes = ByteBuffer.wrap(own).order(ByteOrder.LITTLE_ENDIAN);
      Object data =
          type == Datatype.BYTES ? texts(bytes, count) : OnnxTensorReader.ofRaw(type, bytes, count);
      tensors.put(spec.path("name").asText(), new Tensor(type, shape, data));
    }
    return tensors;
  }

  private static byte[][] texts(ByteBuffer from, int count) {
    byte[][] texts = new byte[count][];
    for (int i = 0; i < count; i++) {
      int size = from.remaining() < 4 ? -1 : from.getInt();
      if (size < 0 || size > from.remaining()) {
        throw new Problem(
            Fault.WORKER_FAILED, "the Python process sent a bad text", "Load the model again");
      }
      texts[i] = new byte[size];
      from.get(texts[i]);
    }
    return texts;
  }

  /// What it gives to a row of zeros, where the signature does not tell.
  private List<Port> asked() {
    var row = new LinkedHashMap<String, Tensor>();
    for (MlflowModel.Column column : model.inputs()) {
      long[] shape = column.port().shape().stream().mapToLong(n -> n < 0 ? 1 : n).toArray();
      int count = Math.toIntExact(Tensor.count(shape));
      row.put(
          column.port().name(),
          column.port().type() == Datatype.BYTES
              ? new Tensor(Datatype.BYTES, shape, new byte[count][0])
              : Tensor.of(new double[count], shape));
    }
    try {
      List<Port> ports = new ArrayList<>();
      for (Map.Entry<String, Tensor> each : call(row).entrySet()) {
        long[] shape = each.getValue().shape().clone();
        if (shape.length > 0) shape[0] = -1;
        ports.add(Port.of(each.getKey(), each.getValue().type(), shape));
      }
      return List.copyOf(ports);
    } catch (Problem _) {
      return List.of(Port.of("predictions", Datatype.FP64, -1));
    }
  }

  @Override
  public void close() {
    turn.lock();
    try {
      isClosed = true;
      if (worker != null) worker.close();
      worker = null;
    } finally {
      turn.unlock();
    }
  }
}
