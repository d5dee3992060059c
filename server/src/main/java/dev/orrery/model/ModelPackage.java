package dev.orrery.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.engine.Table;
import dev.orrery.stats.Reference;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Everything of a model that travels together.
///
/// Its bytes are canonical: equal packages have equal bytes, so the digest of a model does not
/// depend on when, where or on how many threads it was trained. Safe for use by many threads.
public final class ModelPackage {
  /// Rows are scored in pieces of this size, so that a big table needs little memory besides.
  private static final int ROWS_AT_ONCE = 4_096;

  private final Preprocessor preprocessor;
  private final Model model;
  private final Card card;
  private final List<Reference> references;
  private final Golden golden;
  private final byte[] bytes;
  private final Digest digest;

  /// What people want to know of a model, and the threshold that is served.
  ///
  /// @param positive what a prediction of 1 means, such as `late`
  /// @param threshold a score at or over it predicts the positive class
  /// @param thresholdRule where the threshold comes from, such as `precision_at_recall_50`
  /// @param training how it was trained: parameters and row counts, nothing that differs from run
  ///   to run
  public record Card(
      String positive,
      double threshold,
      @Nullable String thresholdRule,
      SequencedMap<String, JsonNode> training) {
    public Card {
      if (Double.isNaN(threshold)) {
        throw new Problem(
            Fault.BAD_PACKAGE,
            "a model's threshold is not a number",
            "Give a threshold between 0 and 1");
      }
      training =
          java.util.Collections.unmodifiableSequencedMap(new java.util.LinkedHashMap<>(training));
    }
  }

  /// Rows with the scores that the model gave them when it was made; a copy of the model answers
  /// them alike, or it is not the model.
  public record Golden(Table rows, double[] scores) {
    /// How far a score may be from the golden one.
    public static final double TOLERANCE = 1e-9;

    public Golden {
      if (rows.rows() != scores.length) {
        throw new Problem(
            Fault.BAD_PACKAGE,
            "%d golden scores for %d golden rows".formatted(scores.length, rows.rows()),
            "Take the package from the run that made it");
      }
    }
  }

  private ModelPackage(
      Preprocessor preprocessor,
      Model model,
      Card card,
      List<Reference> references,
      Golden golden) {
    this.preprocessor = preprocessor;
    this.model = model;
    this.card = card;
    this.references = List.copyOf(references);
    this.golden = golden;
    PackageText.check(this);
    this.bytes = PackageText.write(this);
    this.digest = Digest.of(bytes);
  }

  /// Puts a model together.
  ///
  /// @param references the distributions of the training features
  /// @param golden feature rows to keep with their scores (a few dozen)
  public static ModelPackage of(
      Preprocessor preprocessor, Model model, Card card, List<Reference> references, Table golden) {
    Table rows = golden.select(preprocessor.signature().names());
    double[] scores = new double[rows.rows()];
    model.score(preprocessor.encode(rows), preprocessor.width(), scores);
    return new ModelPackage(preprocessor, model, card, references, new Golden(rows, scores));
  }

  /// Reads a package, checks its structure, and has it answer its golden rows.
  ///
  /// @throws Problem of kind INVALID, UNSUPPORTED or DATA_LOSS if it may not be served
  public static ModelPackage read(byte[] bytes) {
    ModelPackage read = PackageText.read(bytes);
    read.verify();
    return read;
  }

  static ModelPackage restored(
      Preprocessor preprocessor,
      Model model,
      Card card,
      List<Reference> references,
      Golden golden) {
    return new ModelPackage(preprocessor, model, card, references, golden);
  }

  /// The same model with another threshold, such as one chosen on validation rows.
  public ModelPackage withThreshold(double threshold, String rule) {
    return withCard(new Card(card.positive(), threshold, rule, card.training()));
  }

  public ModelPackage withCard(Card other) {
    return new ModelPackage(preprocessor, model, other, references, golden);
  }

  /// `majority`, `rule`, `logistic_regression` or `lightgbm`.
  public String kind() {
    return model.kind();
  }

  public Signature signature() {
    return preprocessor.signature();
  }

  public Preprocessor preprocessor() {
    return preprocessor;
  }

  public Model model() {
    return model;
  }

  public Card card() {
    return card;
  }

  public double threshold() {
    return card.threshold();
  }

  /// 1 if a score is at or over the threshold, else 0.
  public int prediction(double score) {
    return score >= card.threshold() ? 1 : 0;
  }

  /// The training distribution of each feature, in the signature's order.
  public List<Reference> references() {
    return references;
  }

  public Golden golden() {
    return golden;
  }

  /// The canonical bytes: JSON in UTF-8.
  public byte[] bytes() {
    return bytes.clone();
  }

  public int size() {
    return bytes.length;
  }

  /// The SHA-256 of the bytes.
  public Digest digest() {
    return digest;
  }

  /// The scores of rows of features.
  ///
  /// @throws Problem of kind INVALID that names a column missing or of another type
  public double[] score(Table features) {
    signature().check(features);
    double[] scores = new double[features.rows()];
    double[] part = new double[Math.min(ROWS_AT_ONCE, scores.length)];
    for (int from = 0; from < scores.length; from += ROWS_AT_ONCE) {
      int to = Math.min(scores.length, from + ROWS_AT_ONCE);
      model.score(preprocessor.encode(features, from, to), preprocessor.width(), part);
      System.arraycopy(part, 0, scores, from, to - from);
    }
    return scores;
  }

  /// The score of one row that is encoded already (see [Preprocessor#code(int, String)]): the way
  /// to score fast.
  ///
  /// @param encoded in the signature's order, NaN where missing
  public double score(double[] encoded) {
    if (encoded.length < preprocessor.width()) {
      throw new Problem(
          Fault.FEATURE_MISSING,
          "a row has %d features, and the model takes %d"
              .formatted(encoded.length, preprocessor.width()),
          "Give every feature of the signature, in its order");
    }
    return model.score(encoded);
  }

  /// How much each feature matters, in the signature's order; see [Model#importance].
  public List<Double> importance() {
    return model.importance(preprocessor);
  }

  /// Has the model answer its golden rows.
  ///
  /// @throws Problem of kind DATA_LOSS if one answer differs
  public void verify() {
    double[] scores = score(golden.rows());
    for (int i = 0; i < scores.length; i++) {
      if (!(Math.abs(scores[i] - golden.scores()[i]) <= Golden.TOLERANCE)) {
        throw new Problem(
            Fault.GOLDEN_ROWS_DIFFER,
            "the model answers its golden row %d with %s, not %s"
                .formatted(i, scores[i], golden.scores()[i]),
            "Do not serve it; take the package from the run that made it");
      }
    }
  }
}
