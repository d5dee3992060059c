package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Expression;
import dev.orrery.engine.Table;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A model that people write: rules in YAML, of which the first whose condition holds gives the
/// score.
///
/// ```yaml
/// inputs: {tenure: number, charges: number, plan: string}
/// rules:
///   - {if: "tenure < 3 and charges > 80", then: 0.9}
///   - {if: "plan = 'free'", then: "0.3 + tenure / 100"}
/// else: 0.1
/// ```
///
/// Conditions and scores are [Expression]s. A condition that is not known, because a value in it is
/// missing, is not fulfilled. One port for each input, `[rows]`; the score is `score`.
final class RulesScorer implements Scorer {
  private static final int RULES_MAX = 1_000;
  private static final int INPUTS_MAX = 1_000;
  private static final Pattern SHAPE = Pattern.compile("(?m)^(inputs|rules)[ \\t]*:");

  private record Rule(Expression condition, Expression score) {}

  private final SequencedMap<String, Table.Type> columns = new LinkedHashMap<>();
  private final List<Rule> rules = new ArrayList<>();
  private final Expression otherwise;

  /// Whether a text has the keys of a model of rules.
  static boolean mayBe(byte[] bytes) {
    if (bytes.length > 1 << 20) return false;
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.indexOf('\0') < 0 && SHAPE.matcher(text).find();
  }

  /// @param file where it stands, for messages
  /// @throws Problem of kind INVALID that names line and column
  RulesScorer(String text, Path file) {
    ModelYaml top = ModelYaml.read(text, file, Fault.BAD_RULES);
    top.knownKeys("inputs", "rules", "else");
    for (var input : needed(top, "inputs").map().entrySet()) {
      columns.put(
          input.getKey(),
          switch (input.getValue().text()) {
            case "number" -> Table.Type.NUMBER;
            case "string" -> Table.Type.STRING;
            default -> throw input.getValue().bad("an input is a 'number' or a 'string'");
          });
    }
    List<ModelYaml> written = needed(top, "rules").list();
    if (written.size() > RULES_MAX || columns.size() > INPUTS_MAX || columns.isEmpty()) {
      throw top.bad("a model has 1 to 1,000 inputs and at most 1,000 rules");
    }
    for (ModelYaml rule : written) {
      rule.knownKeys("if", "then");
      rules.add(new Rule(formula(needed(rule, "if")), formula(needed(rule, "then"))));
    }
    this.otherwise = formula(needed(top, "else"));
  }

  private static ModelYaml needed(ModelYaml block, String key) {
    ModelYaml found = block.find(key);
    if (found == null) throw block.bad("the key '%s' is missing here".formatted(key));
    return found;
  }

  private Expression formula(ModelYaml written) {
    try {
      Expression formula = Expression.parse(written.text());
      if (formula.type(columns) != Table.Type.NUMBER) {
        throw written.bad("'%s' is not a number".formatted(Texts.shown(written.text())));
      }
      return formula;
    } catch (Problem e) {
      if (e.place().isPresent()) throw e;
      throw new Problem(Fault.BAD_RULES, e.what(), e.remedy()).at(written.place()).because(e);
    }
  }

  @Override
  public String platform() {
    return "orrery_rules";
  }

  @Override
  public List<Port> inputs() {
    return columns.entrySet().stream()
        .map(e ->
            Port.of(
                e.getKey(), e.getValue() == Table.Type.STRING ? Datatype.BYTES : Datatype.FP64, -1))
        .toList();
  }

  @Override
  public List<Port> outputs() {
    return List.of(Port.of("score", Datatype.FP64, -1));
  }

  @Override
  public SequencedMap<String, Tensor> score(SequencedMap<String, Tensor> inputs) {
    int rows = Math.toIntExact(inputs.firstEntry().getValue().rows());
    var table = new Table(table(inputs, rows), rows);
    double[] scores = new double[rows];
    boolean[] done = new boolean[rows];
    int left = rows;
    for (Rule rule : rules) {
      if (left == 0) break;
      double[] holds = ((Table.Numbers) rule.condition().eval(table)).values();
      double[] gives = null;
      for (int i = 0; i < rows; i++) {
        if (done[i] || Double.isNaN(holds[i]) || holds[i] == 0) continue;
        if (gives == null) gives = ((Table.Numbers) rule.score().eval(table)).values();
        scores[i] = gives[i];
        done[i] = true;
        left--;
      }
    }
    if (left > 0) {
      double[] gives = ((Table.Numbers) otherwise.eval(table)).values();
      for (int i = 0; i < rows; i++) if (!done[i]) scores[i] = gives[i];
    }
    var outputs = new LinkedHashMap<String, Tensor>();
    outputs.put("score", Tensor.of(scores, rows));
    return outputs;
  }

  private SequencedMap<String, Table.Column> table(Map<String, Tensor> inputs, int rows) {
    var made = new LinkedHashMap<String, Table.Column>();
    columns.forEach((name, type) -> {
      Tensor given = java.util.Objects.requireNonNull(inputs.get(name));
      if (given.rows() != rows) {
        throw new Problem(
            Fault.BAD_TENSOR,
            "'%s' has %,d rows, and the first input %,d".formatted(name, given.rows(), rows),
            "Send as many rows for each input");
      }
      made.put(
          name,
          type == Table.Type.STRING
              ? new Table.Strings(texts(given))
              : new Table.Numbers(given.doubles()));
    });
    return made;
  }

  private static @Nullable String[] texts(Tensor given) {
    if (!(given.data() instanceof byte[][] bytes)) {
      throw new Problem(Fault.BAD_TENSOR, "numbers stand where texts belong", "Send BYTES");
    }
    @Nullable String[] texts = new String[bytes.length];
    for (int i = 0; i < texts.length; i++) {
      if (bytes[i] != null) texts[i] = new String(bytes[i], StandardCharsets.UTF_8);
    }
    return texts;
  }
}
