package dev.orrery.inference;

import dev.orrery.model.Tensor;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Puts requests that arrive within a short time together and runs the model once for all of them;
/// each gets the rows it sent. Only requests of the same types and shapes run together.
final class Batcher {
  /// Requests that wait to run together.
  private static final class Group {
    final List<SequencedMap<String, Tensor>> inputs = new ArrayList<>();
    final List<CompletableFuture<SequencedMap<String, Tensor>>> answers = new ArrayList<>();
    long rows;
  }

  private final int rowsMax;
  private final long delayNanos;
  private final UnaryOperator<SequencedMap<String, Tensor>> model;
  private @Nullable Group open;

  Batcher(int rowsMax, long delayNanos, UnaryOperator<SequencedMap<String, Tensor>> model) {
    this.rowsMax = rowsMax;
    this.delayNanos = delayNanos;
    this.model = model;
  }

  /// The first of a group waits for the others and runs the model; the others wait for it.
  SequencedMap<String, Tensor> score(SequencedMap<String, Tensor> inputs) {
    var answer = new CompletableFuture<SequencedMap<String, Tensor>>();
    long rows = inputs.firstEntry().getValue().rows();
    Group group;
    boolean leads;
    synchronized (this) {
      Group now = open;
      boolean fits = now != null && now.rows + rows <= rowsMax && alike(now.inputs.get(0), inputs);
      if (now != null && !fits) {
        open = null;
        notifyAll();
      }
      group = fits && now != null ? now : new Group();
      group.inputs.add(inputs);
      group.answers.add(answer);
      group.rows += rows;
      leads = group != now;
      if (leads) open = group;
      if (group.rows >= rowsMax) {
        if (open == group) open = null;
        notifyAll();
      }
    }
    if (leads) {
      await(group);
      run(group);
    }
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException own) throw own;
      throw e;
    }
  }

  /// Waits until the group is full or its time is up.
  private synchronized void await(Group group) {
    long until = System.nanoTime() + delayNanos;
    try {
      while (open == group) {
        long left = until - System.nanoTime();
        if (left <= 0) break;
        wait(left / 1_000_000, (int) (left % 1_000_000));
      }
    } catch (InterruptedException e) {
      // The others must not wait for one whose time is up: it runs them, and is told afterwards.
      Thread.currentThread().interrupt();
    }
    if (open == group) open = null;
  }

  @SuppressWarnings("CatchingUnchecked") // whatever it is, all of the group are told
  private void run(Group group) {
    try {
      if (group.inputs.size() == 1) {
        group.answers.get(0).complete(model.apply(group.inputs.get(0)));
        return;
      }
      SequencedMap<String, Tensor> outputs = model.apply(joined(group));
      int from = 0;
      for (int i = 0; i < group.inputs.size(); i++) {
        int rows = Math.toIntExact(group.inputs.get(i).firstEntry().getValue().rows());
        var own = new LinkedHashMap<String, Tensor>();
        for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
          own.put(output.getKey(), part(output.getValue(), from, rows));
        }
        from += rows;
        group.answers.get(i).complete(own);
      }
    } catch (RuntimeException | Error e) {
      if (group.inputs.size() == 1) {
        group.answers.get(0).completeExceptionally(e);
      } else {
        // One bad row must not fail those that came with it.
        for (int i = 0; i < group.inputs.size(); i++) alone(group, i);
      }
    }
  }

  private void alone(Group group, int i) {
    if (group.answers.get(i).isDone()) return;
    try {
      group.answers.get(i).complete(model.apply(group.inputs.get(i)));
    } catch (RuntimeException e) {
      group.answers.get(i).completeExceptionally(e);
    }
  }

  private static boolean alike(SequencedMap<String, Tensor> a, SequencedMap<String, Tensor> b) {
    if (!a.keySet().equals(b.keySet())) return false;
    long rows = b.firstEntry().getValue().rows();
    for (Map.Entry<String, Tensor> one : a.entrySet()) {
      Tensor ours = one.getValue();
      Tensor theirs = b.get(one.getKey());
      if (theirs == null || ours.type() != theirs.type()) return false;
      if (ours.shape().length == 0 || theirs.shape().length != ours.shape().length) return false;
      if (theirs.shape()[0] != rows) return false;
      if (!Arrays.equals(
          ours.shape(), 1, ours.shape().length, theirs.shape(), 1, theirs.shape().length)) {
        return false;
      }
    }
    return true;
  }

  private static SequencedMap<String, Tensor> joined(Group group) {
    var all = new LinkedHashMap<String, Tensor>();
    for (String name : group.inputs.get(0).keySet()) {
      List<Tensor> parts = new ArrayList<>();
      for (var inputs : group.inputs) parts.add(java.util.Objects.requireNonNull(inputs.get(name)));
      all.put(name, join(parts));
    }
    return all;
  }

  private static Tensor join(List<Tensor> parts) {
    Tensor first = parts.get(0);
    int count = parts.stream().mapToInt(p -> Array.getLength(p.data())).sum();
    Object data = Array.newInstance(first.data().getClass().getComponentType(), count);
    long[] shape = first.shape().clone();
    shape[0] = parts.stream().mapToLong(Tensor::rows).sum();
    int at = 0;
    for (Tensor part : parts) {
      int length = Array.getLength(part.data());
      System.arraycopy(part.data(), 0, data, at, length);
      at += length;
    }
    return new Tensor(first.type(), shape, data);
  }

  /// Some of the rows of a tensor.
  static Tensor part(Tensor whole, int from, int rows) {
    int width = whole.rows() == 0 ? 0 : Math.toIntExact(whole.count() / whole.rows());
    Object data = Array.newInstance(whole.data().getClass().getComponentType(), rows * width);
    System.arraycopy(whole.data(), from * width, data, 0, rows * width);
    long[] shape = whole.shape().clone();
    shape[0] = rows;
    return new Tensor(whole.type(), shape, data);
  }
}
