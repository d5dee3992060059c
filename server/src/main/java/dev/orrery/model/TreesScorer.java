package dev.orrery.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// LightGBM's trees over one matrix of doubles: `input` `[rows, features]` gives `score` `[rows]`.
record TreesScorer(Trees trees) implements Scorer {
  @Override
  public String platform() {
    return "lightgbm_text";
  }

  @Override
  public List<Port> inputs() {
    return List.of(Port.of("input", Datatype.FP64, -1, trees.width()));
  }

  @Override
  public List<Port> outputs() {
    return List.of(Port.of("score", Datatype.FP64, -1));
  }

  @Override
  public List<String> features() {
    return trees.featureNames();
  }

  @Override
  public SequencedMap<String, Tensor> score(SequencedMap<String, Tensor> inputs) {
    Tensor rows = inputs.firstEntry().getValue();
    double[] scores = new double[Math.toIntExact(rows.rows())];
    trees.score(rows.doubles(), trees.width(), scores);
    var outputs = new LinkedHashMap<String, Tensor>();
    outputs.put("score", Tensor.of(scores, scores.length));
    return outputs;
  }
}
