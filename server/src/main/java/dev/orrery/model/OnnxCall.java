package dev.orrery.model;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one call at a time needs of native memory: buffers outside the heap that the runtime reads
/// and writes in place, and the options of the run. Kept for the next call; tensors are made anew
/// only where a shape changes.
final class OnnxCall implements AutoCloseable {
  private final List<Port> inputs;
  private final List<Port> outputs;
  private final @Nullable ByteBuffer[] buffers;
  private final long[][] shapes;
  private final Map<String, OnnxTensor> given = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
  private final Set<String> names = new java.util.LinkedHashSet<>();
  private final OrtSession.RunOptions options;
  private long pinnedRows = -1;

  /// When the run began, by the nano clock; 0 while there is none.
  volatile long since;

  OnnxCall(List<Port> inputs, List<Port> outputs) throws OrtException {
    this.inputs = inputs;
    this.outputs = outputs;
    this.buffers = new ByteBuffer[inputs.size() + outputs.size()];
    this.shapes = new long[inputs.size()][];
    for (Port port : outputs) names.add(port.name());
    this.options = new OrtSession.RunOptions();
  }

  /// @param canPin whether the outputs' shapes are known from the number of rows
  SequencedMap<String, Tensor> run(
      OrtSession session, SequencedMap<String, Tensor> values, boolean canPin) throws OrtException {
    boolean isSameRows = true;
    long rows = values.firstEntry().getValue().rows();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor value = java.util.Objects.requireNonNull(values.get(inputs.get(i).name()));
      give(i, value);
      isSameRows &= value.rows() == rows;
    }
    if (canPin && isSameRows && rows > 0) {
      pin(rows);
      try (var _ = session.run(given, Set.of(), pinned, options)) {
        return collect(pinned);
      }
    }
    try (OrtSession.Result result = session.run(given, names, Map.of(), options)) {
      Map<String, OnnxTensor> found = new LinkedHashMap<>();
      for (var entry : result) found.put(entry.getKey(), (OnnxTensor) entry.getValue());
      return collect(found);
    }
  }

  /// Has the run end soon, with an error.
  void end() throws OrtException {
    options.setTerminate(true);
  }

  private void give(int input, Tensor value) throws OrtException {
    Port port = inputs.get(input);
    if (port.type() == Datatype.BYTES) {
      close(
          given.put(
              port.name(),
              OnnxTensor.createTensor(
                  OnnxRuntime.environment(), TensorCast.texts(value), value.shape())));
      return;
    }
    ByteBuffer buffer = room(input, Math.max(1, value.count()) * port.type().size());
    TensorCast.put(value, port.type(), buffer);
    if (Arrays.equals(shapes[input], value.shape())) return;
    close(given.put(port.name(), tensor(buffer, port.type(), value.shape())));
    shapes[input] = value.shape().clone();
  }

  private void pin(long rows) throws OrtException {
    if (pinnedRows == rows) return;
    pinnedRows = -1;
    for (int i = 0; i < outputs.size(); i++) {
      Port port = outputs.get(i);
      long[] shape = shape(port, rows);
      ByteBuffer buffer =
          room(inputs.size() + i, Math.max(1, Tensor.count(shape)) * port.type().size());
      close(pinned.put(port.name(), tensor(buffer, port.type(), shape)));
    }
    pinnedRows = rows;
  }

  private static long[] shape(Port port, long rows) {
    long[] shape = port.shape().stream().mapToLong(Long::longValue).toArray();
    if (shape[0] == -1) shape[0] = rows;
    return shape;
  }

  /// A buffer with room for so many bytes; a larger one replaces a smaller, and a much smaller one
  /// a large, so that one big batch does not hold its memory for ever.
  private ByteBuffer room(int place, long bytes) {
    ByteBuffer there = buffers[place];
    boolean isFit =
        there != null
            && there.capacity() >= bytes
            && (there.capacity() <= 1 << 20 || there.capacity() <= bytes * 16);
    if (there != null && isFit) return there;
    int size = Math.toIntExact(Math.max(256, Long.highestOneBit(bytes - 1) * 2));
    ByteBuffer made = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    buffers[place] = made;
    if (place < shapes.length) shapes[place] = new long[] {-1};
    return made;
  }

  private static OnnxTensor tensor(ByteBuffer buffer, Datatype type, long[] shape)
      throws OrtException {
    buffer.clear();
    ByteBuffer part =
        buffer
            .slice(0, Math.toIntExact(Tensor.count(shape) * type.size()))
            .order(ByteOrder.nativeOrder());
    return OnnxTensor.createTensor(OnnxRuntime.environment(), part, shape, javaType(type));
  }

  private SequencedMap<String, Tensor> collect(Map<String, OnnxTensor> found) throws OrtException {
    var collected = new LinkedHashMap<String, Tensor>();
    for (Port port : outputs) {
      OnnxTensor tensor = java.util.Objects.requireNonNull(found.get(port.name()));
      long[] shape = tensor.getInfo().getShape();
      int count = Math.toIntExact(Tensor.count(shape));
      if (port.type() == Datatype.BYTES) {
        String[] texts = new String[count];
        int filled = count == 0 ? 0 : flatten(tensor.getValue(), texts, 0);
        assert filled == count;
        collected.put(port.name(), TensorCast.ofTexts(texts, shape));
      } else {
        Object data = OnnxTensorReader.ofRaw(port.type(), tensor.getByteBuffer(), count);
        collected.put(port.name(), new Tensor(port.type(), shape, data));
      }
    }
    return collected;
  }

  private static int flatten(Object value, String[] into, int at) {
    if (value instanceof Object[] parts) {
      int next = at;
      for (Object part : parts) next = flatten(part, into, next);
      return next;
    }
    into[at] = (String) value;
    return at + 1;
  }

  private static OnnxJavaType javaType(Datatype type) {
    return switch (type) {
      case FP32 -> OnnxJavaType.FLOAT;
      case FP64 -> OnnxJavaType.DOUBLE;
      case INT8 -> OnnxJavaType.INT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      case UINT8 -> OnnxJavaType.UINT8;
      case FP16 -> OnnxJavaType.FLOAT16;
      case BF16 -> OnnxJavaType.BFLOAT16;
      case BYTES -> OnnxJavaType.STRING;
      case UINT16, UINT32, UINT64 -> throw new IllegalStateException(type.name());
    };
  }

  private static void close(@Nullable OnnxTensor tensor) {
    if (tensor != null) tensor.close();
  }

  @Override
  public void close() {
    given.values().forEach(OnnxTensor::close);
    pinned.values().forEach(OnnxTensor::close);
    options.close();
  }
}
