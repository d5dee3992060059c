package dev.orrery.model;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A model that ONNX Runtime scores, in this process, on the thread that calls; as many calls at
/// once as callers. A call that takes longer than 30 s is ended.
///
/// Closing waits for the calls that run, and then gives all native memory back.
final class OnnxScorer implements Scorer {
  private static final Logger log = LoggerFactory.getLogger(OnnxScorer.class);
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int CLOSED = 1 << 30;

  /// How many calls' buffers are kept while nobody calls.
  private static final int KEPT_MAX = 2 * Runtime.getRuntime().availableProcessors();

  private final OrtSession session;
  private final List<Port> inputs;
  private final List<Port> outputs;
  private final ConcurrentLinkedDeque<OnnxCall> idle = new ConcurrentLinkedDeque<>();
  private final ConcurrentLinkedDeque<OnnxCall> running = new ConcurrentLinkedDeque<>();
  private final AtomicInteger kept = new AtomicInteger();

  /// Calls that run, plus [#CLOSED] once it is closed.
  private final AtomicInteger users = new AtomicInteger();

  private final CountDownLatch freed = new CountDownLatch(1);
  private final Thread watch;
  private volatile boolean canPin;

  /// @throws Problem of kind INVALID or UNSUPPORTED if the runtime refuses the model
  OnnxScorer(Onnx.Checked checked) {
    this.inputs = Onnx.inputs(checked.model().graph());
    List<Port> told = Onnx.scoreFirst(Onnx.outputs(checked.model().graph()));
    try {
      this.session = OnnxRuntime.session(checked.bytes());
    } catch (OrtException e) {
      throw refused(e);
    }
    try {
      this.outputs = shaped(told);
    } catch (OrtException | RuntimeException e) {
      free();
      throw e instanceof Problem problem ? problem : refused(e);
    }
    this.canPin = isRegular();
    this.watch = Thread.ofVirtual().name("onnx-deadline").start(this::endSlowCalls);
  }

  @Override
  public String platform() {
    return Onnx.PLATFORM;
  }

  @Override
  public List<Port> inputs() {
    return inputs;
  }

  @Override
  public List<Port> outputs() {
    return outputs;
  }

  @Override
  public SequencedMap<String, Tensor> score(SequencedMap<String, Tensor> values) {
    if (users.incrementAndGet() >= CLOSED) {
      left();
      throw new Problem(
          Fault.MODEL_NOT_READY, "the model is being unloaded", "Ask again, or load it again");
    }
    try {
      return call(values);
    } finally {
      left();
    }
  }

  private SequencedMap<String, Tensor> call(SequencedMap<String, Tensor> values) {
    OnnxCall call = null;
    try {
      call = idle.pollFirst();
      if (call == null) call = new OnnxCall(inputs, outputs);
      else kept.decrementAndGet();
      running.add(call);
      call.since = System.nanoTime();
      SequencedMap<String, Tensor> answer = run(call, values);
      if (kept.incrementAndGet() <= KEPT_MAX) {
        giveBack(call, true);
      } else {
        kept.decrementAndGet();
        giveBack(call, false);
      }
      return answer;
    } catch (OrtException | RuntimeException e) {
      if (call != null) giveBack(call, false);
      if (e instanceof Problem problem) throw problem;
      throw new Problem(
              Fault.SCORING_FAILED,
              "ONNX Runtime could not score the values: %s".formatted(brief(e)),
              "Check the values against the model's inputs; unseen categories may be refused")
          .because(e);
    }
  }

  /// A run that cannot fill the outputs it was given shows that their shapes depend on more than
  /// the number of rows; from then on the runtime makes them.
  private SequencedMap<String, Tensor> run(OnnxCall call, SequencedMap<String, Tensor> values)
      throws OrtException {
    if (!canPin) return call.run(session, values, false);
    try {
      return call.run(session, values, true);
    } catch (OrtException _) {
      SequencedMap<String, Tensor> answer = call.run(session, values, false);
      canPin = false;
      return answer;
    }
  }

  private void giveBack(OnnxCall call, boolean isReusable) {
    call.since = 0;
    var unused = running.remove(call);
    if (isReusable) idle.addFirst(call);
    else call.close();
  }

  private void left() {
    if (users.decrementAndGet() == CLOSED) free();
  }

  private void free() {
    synchronized (freed) {
      if (freed.getCount() == 0) return;
      for (OnnxCall call = idle.poll(); call != null; call = idle.poll()) call.close();
      try {
        session.close();
      } catch (OrtException e) {
        log.warn("an ONNX session did not close: {}", e.getMessage());
      }
      freed.countDown();
    }
  }

  @Override
  public void close() {
    if (users.getAndUpdate(n -> n >= CLOSED ? n : n + CLOSED) >= CLOSED) return;
    if (users.get() == CLOSED) free();
    try {
      if (!freed.await(DEADLINE.toSeconds() * 2, TimeUnit.SECONDS)) {
        log.warn("an ONNX model is unloaded while a call of it still runs; the call frees it");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    watch.interrupt();
  }

  private void endSlowCalls() {
    try {
      while (freed.getCount() > 0) {
        Thread.sleep(1_000);
        for (OnnxCall call : running) {
          long since = call.since;
          if (since != 0 && System.nanoTime() - since > DEADLINE.toNanos()) call.end();
        }
      }
    } catch (InterruptedException | OrtException | IllegalStateException _) {
      // Closed, or the run came to its end just now.
    }
  }

  /// Whether each output's shape follows from the number of rows.
  private boolean isRegular() {
    for (Port port : outputs) {
      boolean isOpen = port.shape().stream().skip(1).anyMatch(length -> length < 0);
      if (isOpen || port.shape().isEmpty() || port.type() == Datatype.BYTES) return false;
    }
    return inputs.stream().allMatch(port -> port.shape().getFirst() == -1);
  }

  /// Outputs whose shape the file does not tell get that which the runtime infers, or that of the
  /// answer to a row of zeros.
  private List<Port> shaped(List<Port> told) throws OrtException {
    if (told.stream().noneMatch(port -> port.shape().isEmpty())) return told;
    List<Port> shaped = new ArrayList<>();
    SequencedMap<String, Tensor> tried = null;
    for (Port port : told) {
      if (!port.shape().isEmpty()) {
        shaped.add(port);
        continue;
      }
      long[] shape = new long[0];
      NodeInfo node = session.getOutputInfo().get(port.name());
      if (node != null && node.getInfo() instanceof TensorInfo info) shape = info.getShape();
      if (shape.length == 0) {
        if (tried == null) tried = zeros(told);
        Tensor answer = tried.get(port.name());
        shape = answer == null ? new long[] {-1} : answer.shape().clone();
        java.util.Arrays.fill(shape, -1);
      }
      shaped.add(Port.of(port.name(), port.type(), shape));
    }
    return List.copyOf(shaped);
  }

  private SequencedMap<String, Tensor> zeros(List<Port> told) throws OrtException {
    var row = new LinkedHashMap<String, Tensor>();
    for (Port port : inputs) {
      long[] shape = port.shape().stream().mapToLong(n -> n < 0 ? 1 : n).toArray();
      int count = Math.toIntExact(Tensor.count(shape));
      row.put(
          port.name(),
          port.type() == Datatype.BYTES
              ? new Tensor(Datatype.BYTES, shape, new byte[count][0])
              : Tensor.of(new double[count], shape));
    }
    try (var call = new OnnxCall(inputs, told)) {
      return call.run(session, row, false);
    } catch (OrtException _) {
      return new LinkedHashMap<>();
    }
  }

  private static Problem refused(@Nullable Throwable why) {
    String message = brief(why);
    boolean isUnknown =
        message.contains("not a registered function") || message.contains("NOT_IMPLEMENTED");
    return new Problem(
            isUnknown ? Fault.UNSUPPORTED_MODEL : Fault.BAD_MODEL_FILE,
            "ONNX Runtime refuses the model: %s".formatted(message),
            "Export it for ONNX Runtime %s, and check it (onnx.checker.check_model)"
                .formatted(OnnxRuntime.version()))
        .because(why == null ? new IllegalStateException(message) : why);
  }

  private static String brief(@Nullable Throwable why) {
    String message = why == null ? "" : String.valueOf(why.getMessage());
    String clean = message.replaceAll("[\\p{Cntrl}\\p{Cf}]", " ");
    return clean.length() > 300 ? clean.substring(0, 300) + "..." : clean;
  }
}
