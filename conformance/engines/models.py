"""Trains models, and writes each with rows and what its own library makes of them.

    models.py FOLDER [--quick]

Per model a folder: `model`, `rows` (doubles, row after row), `margin` and `score` (what the library
answers; doubles), for ONNX `low` and `high` (the least and most over threads and batch sizes) and
`label` (the places of labels, int32), and `properties`; for data frames `texts`, each with a 0 behind it.
"""

import json
import os
import re
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")
import frames
import lightgbm as lgb
import onnx
import onnxruntime as ort
import xgboost as xgb
from sklearn import ensemble, impute, linear_model, pipeline, preprocessing, svm, tree
from skl2onnx import to_onnx, update_registered_converter
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost

ort.set_default_logger_severity(3)
FOLDER = sys.argv[1]
QUICK = "--quick" in sys.argv
ROWS = 1_500 if QUICK else 22_000
WIDTH = 8
CATEGORICAL = [6, 7]
NAN = float("nan")

rng = np.random.default_rng(20260101)


def training(count=2_500, missing=True, categories=True):
    """Numbers of several shapes; the last two columns are categories."""
    x = rng.normal(size=(count, WIDTH))
    x[:, 1] = np.round(x[:, 1], 1)
    x[:, 2] = np.exp(3 * x[:, 2])
    x[:, 3] = np.where(rng.random(count) < 0.5, 0, x[:, 3])
    x[:, 4] *= 1e-20
    x[:, 6] = rng.integers(0, 12, count)
    x[:, 7] = rng.integers(0, 90, count)
    if not categories:
        x[:, 6:] += rng.normal(size=(count, 2)) / 10
    signal = x[:, 0] + x[:, 1] * (x[:, 3] > 0) + np.log(x[:, 2]) / 3 + (x[:, 6] % 3) + (x[:, 7] % 5)
    signal = signal + 1e20 * x[:, 4] + rng.normal(size=count) / 2
    if missing:
        x[rng.random(x.shape) < 0.08] = NAN
    return x, signal - np.median(signal)


def rows_for(thresholds, floats, categories=True, infinite=True, missing=True):
    """Half of them like those of training, half of values on and beside thresholds, and odd ones."""
    x, _ = training(ROWS, missing, categories)
    odd = [0.0, -0.0, 1e-35, -1e-35, 1.0000000180025095e-35, -1.0000000180025095e-35, 1.1e-35]
    odd += [5e-324, -5e-324, 1e-45, -1e-45, 1e-40, 3e38, -3e38, 1, -1, 16777216, 16777217]
    odd += [1e300, -1e300] if infinite and not floats else []
    odd += [np.inf, -np.inf] if infinite else []
    odd += [NAN] if missing else []
    half = ROWS // 2
    for f in range(WIDTH):
        at = np.array(sorted(thresholds.get(f, {0.5})), dtype=np.float64)
        if len(at) > 4_000:
            at = rng.choice(at, 4_000, replace=False)
        beside = [at, np.nextafter(at, np.inf), np.nextafter(at, -np.inf)]
        single = at.astype(np.float32)
        for side in (np.inf, -np.inf):
            beside.append(np.nextafter(single, np.float32(side)).astype(np.float64))
        # Halfway between two floats, where rounding decides.
        beside.append((beside[3] + single) / 2)
        pool = np.concatenate(beside + [np.array(odd)] * max(1, len(at) // 40))
        if not infinite:
            pool = pool[np.abs(np.nan_to_num(pool)) < 3.3e38]
        if f in CATEGORICAL and categories:
            odd_categories = [-1, -0.5, 0.5, 11.9, 12, 31, 32, 33, 89, 90, 95, 96, 127, 128, 1e6]
            odd_categories += [NAN] if missing else []
            pool = np.concatenate([odd_categories, np.arange(0, 95)])
        taken = rng.random(half) < 0.8
        x[:half, f] = np.where(taken, rng.choice(pool, half), x[:half, f])
    return x.astype(np.float32).astype(np.float64) if floats else x


def plain_rows(missing):
    """Rows for sums: like those of training, and half of them far from it."""
    x, _ = training(ROWS, missing, False)
    x[: ROWS // 2] *= 30
    return x.astype(np.float32).astype(np.float64)


def write(name, kind, model, rows, texts=(), places=(), **arrays):
    """A row has the place of its text in `texts` at the places of texts."""
    folder = os.path.join(FOLDER, name)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "model"), "wb") as file:
        file.write(model)
    rows.astype("<f8").tofile(os.path.join(folder, "rows"))
    for key, values in arrays.items():
        kept = np.asarray(values)
        kept.astype("<i4" if key == "label" else "<f8").tofile(os.path.join(folder, key))
    with open(os.path.join(folder, "properties"), "w") as file:
        file.write(f"kind={kind}\nwidth={rows.shape[1]}\nrows={rows.shape[0]}\n")
        file.write("texts=%s\n" % ",".join(map(str, places)))
    if texts:
        with open(os.path.join(folder, "texts"), "wb") as file:
            file.write(b"".join(text.encode() + b"\0" for text in texts))


def lightgbm(name, labels, trees=60, custom=None, group=None, categories=True, **parameters):
    x, signal = training(categories=categories)
    p = dict(verbosity=-1, num_threads=2, seed=1, deterministic=True, min_data_in_leaf=5, **parameters)
    if custom:
        p["objective"] = custom
    data = lgb.Dataset(
        x, labels(signal), categorical_feature=CATEGORICAL if categories else [], group=group, params=p
    )
    model = lgb.train(p, data, trees)
    text = model.model_to_string(num_iteration=-1)
    thresholds = {}
    for block in re.split(r"\nTree=", text)[1:]:
        features = re.search(r"^split_feature=(.*)$", block, re.M)
        if features and features[1]:
            at = re.search(r"^threshold=(.*)$", block, re.M)[1].split()
            for f, t in zip(features[1].split(), at):
                thresholds.setdefault(int(f), set()).add(float(t))
    rows = rows_for(thresholds, False, categories)
    write(
        name,
        "lightgbm",
        text.encode(),
        rows,
        margin=model.predict(rows, raw_score=True),
        score=model.predict(rows),
    )


def xgboost(name, labels, trees=60, ubj=False, categories=False, survival=False, group=None, **parameters):
    x, signal = training(categories=categories)
    x = x.astype(np.float32)
    y = labels(signal)
    p = dict(nthread=2, seed=1, verbosity=0, **parameters)
    types = ["c" if f in CATEGORICAL and categories else "float" for f in range(WIDTH)]
    kind = dict(feature_types=types, enable_categorical=True) if categories else {}
    data = xgb.DMatrix(x, None if survival else y, **kind)
    if survival:
        data.set_float_info("label_lower_bound", y)
        data.set_float_info("label_upper_bound", y + 1)
    if group is not None:
        data.set_group(group)
    model = xgb.train(p, data, trees)
    document = json.loads(model.save_raw("json"))
    booster = document["learner"]["gradient_booster"]
    booster = booster.get("gbtree", booster).get("model", {})
    thresholds = {}
    for one in booster.get("trees", []):
        for f, t, left in zip(one["split_indices"], one["split_conditions"], one["left_children"]):
            if left != -1:
                thresholds.setdefault(f, set()).add(t)
    rows = rows_for(thresholds, False, categories, infinite=False)
    matrix = xgb.DMatrix(rows, **kind)
    write(
        name,
        "xgboost",
        bytes(model.save_raw("ubj" if ubj else "json")),
        rows,
        margin=model.predict(matrix, output_margin=True),
        score=model.predict(matrix),
    )


def answers(session, rows, batch):
    """The scores over all rows, asked for in batches."""
    name = session.get_inputs()[0].name
    outputs = [o.name for o in session.get_outputs()]
    parts = [session.run(outputs, {name: rows[i : i + batch]}) for i in range(0, len(rows), batch)]
    return [np.concatenate([part[k] for part in parts]) for k in range(len(outputs))]


def onnxed(name, model, labels, double=False, missing=False, fix=None, linear=False):
    x, signal = training(missing=missing, categories=False)
    x = x if double else x.astype(np.float32)
    y = labels(signal)
    model.fit(x, y)
    # LinearSVC has no map to leave out, and in a pipeline skl2onnx does not know that.
    maps = hasattr(model, "classes_") and "LinearSVC" not in str(model)
    options = {"zipmap": False} if maps else None
    graph = to_onnx(model, x[:1], options=options, target_opset={"": 21, "ai.onnx.ml": 3})
    if fix:
        fix(graph)
    thresholds = {}
    for node in graph.graph.node:
        if node.op_type.startswith("TreeEnsemble"):
            a = {t.name: onnx.helper.get_attribute_value(t) for t in node.attribute}
            values = a.get("nodes_values")
            if values is None:
                values = onnx.numpy_helper.to_array(a["nodes_values_as_tensor"])
            for f, t, m in zip(a["nodes_featureids"], values, a["nodes_modes"]):
                if m != b"LEAF":
                    thresholds.setdefault(f, set()).add(float(t))
    rows = plain_rows(missing) if linear else rows_for(thresholds, not double, False)
    given = rows if double else rows.astype(np.float32)
    found = []
    for threads, batch in ((1, len(rows)), (2, len(rows)), (2, 64), (1, 1)):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        session = ort.InferenceSession(graph.SerializeToString(), options)
        part = given if batch > 1 else given[: len(rows) // 8]
        found.append(answers(session, part, batch))
    classes = len(found[0]) == 2
    scores = [f[-1] for f in found]
    whole = np.stack(scores[:3]).astype(np.float64)
    low, high = whole.min(axis=0), whole.max(axis=0)
    few = len(scores[3])
    low[:few] = np.minimum(low[:few], scores[3])
    high[:few] = np.maximum(high[:few], scores[3])
    extra = {}
    if classes:
        sure = found[0][0] == found[2][0]
        order = list(model.classes_)
        extra["label"] = [order.index(v) if s else -1 for v, s in zip(found[0][0], sure)]
    write(name, "onnx", graph.SerializeToString(), rows, score=scores[0], low=low, high=high, **extra)


def modes(graph):
    """Other ways to write the same comparisons, which converters use little."""
    for node in graph.graph.node:
        if not node.op_type.startswith("TreeEnsemble"):
            continue
        a = {t.name: t for t in node.attribute}
        yes, no = a["nodes_truenodeids"].ints, a["nodes_falsenodeids"].ints
        tracks = [0] * len(yes)
        for i, mode in enumerate(a["nodes_modes"].strings):
            if mode == b"LEAF":
                continue
            new = [b"BRANCH_LEQ", b"BRANCH_LT", b"BRANCH_GT", b"BRANCH_GTE", b"BRANCH_EQ", b"BRANCH_NEQ"][i % 6]
            a["nodes_modes"].strings[i] = new
            tracks[i] = i % 2
        for t in list(node.attribute):
            if t.name == "nodes_missing_value_tracks_true":
                node.attribute.remove(t)
        node.attribute.append(onnx.helper.make_attribute("nodes_missing_value_tracks_true", tracks))


def floats(graph):
    """skl2onnx declares doubles where ONNX Runtime gives floats, and would not load it."""
    graph.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT


def aggregate(how):
    def fix(graph):
        for node in graph.graph.node:
            if node.op_type == "TreeEnsembleRegressor":
                node.attribute.append(onnx.helper.make_attribute("aggregate_function", how))

    return fix


def transform(how):
    def fix(graph):
        for node in graph.graph.node:
            for t in node.attribute:
                if t.name == "post_transform":
                    t.s = how.encode()

    return fix


def register():
    """The converters of onnxmltools, and one repair."""
    plain = onnx.helper.make_attribute

    # skl2onnx 1.20 hands numpy's unsigned numbers to onnx, which takes Python's alone.
    def make(key, value, *rest, **more):
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], np.integer):
            value = [int(v) for v in value]
        return plain(key, value, *rest, **more)

    onnx.helper.make_attribute = make
    classifier = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    shapes = calculate_linear_classifier_output_shapes, calculate_linear_regressor_output_shapes
    update_registered_converter(lgb.LGBMClassifier, "LightGbmLGBMClassifier", shapes[0], convert_lightgbm, options=classifier)
    update_registered_converter(lgb.LGBMRegressor, "LightGbmLGBMRegressor", shapes[1], convert_lightgbm, options={"split": None})
    update_registered_converter(xgb.XGBClassifier, "XGBoostXGBClassifier", shapes[0], convert_xgboost, options=classifier)
    update_registered_converter(xgb.XGBRegressor, "XGBoostXGBRegressor", shapes[1], convert_xgboost)


def binary(s):
    return (s > 0).astype(int)


def four(s):
    return np.digitize(s, np.quantile(s, [0.25, 0.5, 0.75]))


def words(s):
    return np.array(["high", "low", "middle"])[np.digitize(s, np.quantile(s, [0.3, 0.6]))]


def positive(s):
    return np.exp(s / 4) + 0.01


def counts(s):
    return np.floor(np.exp(np.clip(s, -3, 3) / 3))


def share(s):
    return 1 / (1 + np.exp(-s))


def real(s):
    return s


def two(s):
    return np.stack([s, -s * s], axis=1)


def grades(s):
    return np.digitize(s, [-1, 1, 2])


def gradient(predicted, data):
    return predicted - data.get_label(), np.ones_like(predicted)


def lightgbm_models():
    queries = [50] * 50
    lightgbm("lightgbm-binary", binary, objective="binary", num_leaves=63)
    lightgbm("lightgbm-binary-slope", binary, objective="binary", sigmoid=0.7, categories=False)
    lightgbm("lightgbm-zero-missing", binary, objective="binary", zero_as_missing=True)
    lightgbm("lightgbm-no-missing", binary, objective="binary", use_missing=False)
    lightgbm("lightgbm-onehot", binary, objective="binary", max_cat_to_onehot=100)
    lightgbm("lightgbm-stump", real, trees=1, objective="regression", max_depth=1, num_leaves=2)
    lightgbm("lightgbm-1000", real, trees=1000, objective="regression", max_depth=12, num_leaves=80, learning_rate=0.02)
    lightgbm("lightgbm-sqrt", real, objective="regression", reg_sqrt=True)
    for objective in ("regression_l1", "huber", "fair", "quantile", "mape"):
        lightgbm("lightgbm-" + objective, real, trees=30, objective=objective)
    lightgbm("lightgbm-poisson", counts, objective="poisson")
    lightgbm("lightgbm-gamma", positive, trees=30, objective="gamma")
    lightgbm("lightgbm-tweedie", positive, trees=30, objective="tweedie")
    lightgbm("lightgbm-cross-entropy", share, trees=30, objective="cross_entropy")
    lightgbm("lightgbm-cross-entropy-lambda", share, trees=30, objective="cross_entropy_lambda")
    lightgbm("lightgbm-multiclass", four, objective="multiclass", num_class=4)
    lightgbm("lightgbm-multiclassova", four, trees=30, objective="multiclassova", num_class=4, sigmoid=1.3)
    lightgbm("lightgbm-lambdarank", grades, trees=30, objective="lambdarank", group=queries)
    lightgbm("lightgbm-xendcg", grades, trees=30, objective="rank_xendcg", group=queries)
    lightgbm("lightgbm-forest", binary, objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.6)
    lightgbm("lightgbm-dart", binary, objective="binary", boosting="dart")
    lightgbm("lightgbm-custom", real, trees=20, custom=gradient)


def xgboost_models():
    queries = [50] * 50
    xgboost("xgboost-binary", binary, objective="binary:logistic")
    xgboost("xgboost-binary-ubj", binary, ubj=True, objective="binary:logistic", base_score=0.3)
    xgboost("xgboost-exact", binary, objective="binary:logistic", tree_method="exact", gamma=1.5)
    xgboost("xgboost-logitraw", binary, ubj=True, objective="binary:logitraw")
    xgboost("xgboost-hinge", binary, objective="binary:hinge")
    xgboost("xgboost-logistic", share, ubj=True, trees=30, objective="reg:logistic")
    xgboost("xgboost-stump", real, trees=1, objective="reg:squarederror", max_depth=1)
    xgboost("xgboost-1000", real, trees=1000, ubj=True, objective="reg:squarederror", max_depth=12, eta=0.02, min_child_weight=8)
    for objective in ("squaredlogerror", "pseudohubererror", "absoluteerror"):
        labels = positive if objective == "squaredlogerror" else real
        xgboost("xgboost-" + objective, labels, trees=30, objective="reg:" + objective)
    xgboost("xgboost-quantile", real, trees=30, objective="reg:quantileerror", quantile_alpha=0.7)
    xgboost("xgboost-poisson", counts, objective="count:poisson")
    xgboost("xgboost-gamma", positive, ubj=True, trees=30, objective="reg:gamma")
    xgboost("xgboost-tweedie", positive, trees=30, objective="reg:tweedie")
    xgboost("xgboost-softprob", four, objective="multi:softprob", num_class=4)
    xgboost("xgboost-softmax", four, ubj=True, trees=30, objective="multi:softmax", num_class=4)
    xgboost("xgboost-forest", real, trees=1, objective="reg:squarederror", num_parallel_tree=100, subsample=0.6, eta=1)
    xgboost("xgboost-forest-classes", four, trees=2, objective="multi:softprob", num_class=4, num_parallel_tree=10, subsample=0.6)
    xgboost("xgboost-dart", binary, objective="binary:logistic", booster="dart", rate_drop=0.3)
    xgboost("xgboost-dart-classes", four, ubj=True, trees=20, objective="multi:softprob", num_class=4, booster="dart", rate_drop=0.3)
    xgboost("xgboost-ndcg", grades, trees=30, objective="rank:ndcg", group=queries)
    xgboost("xgboost-pairwise", grades, ubj=True, trees=30, objective="rank:pairwise", group=queries)
    xgboost("xgboost-cox", positive, trees=30, objective="survival:cox")
    xgboost("xgboost-aft", positive, trees=30, survival=True, objective="survival:aft")
    xgboost("xgboost-onehot", binary, categories=True, objective="binary:logistic", max_cat_to_onehot=100)
    xgboost("xgboost-categories", real, categories=True, ubj=True, objective="reg:squarederror", max_cat_to_onehot=1)
    xgboost("xgboost-targets", two, trees=30, objective="reg:squarederror")
    xgboost("xgboost-linear", real, trees=20, objective="reg:squarederror", booster="gblinear")
    xgboost("xgboost-linear-classes", four, ubj=True, trees=20, objective="multi:softprob", num_class=4, booster="gblinear")


def onnx_models():
    e = ensemble
    onnxed("onnx-forest", e.RandomForestClassifier(100, max_depth=8, random_state=1), binary)
    onnxed("onnx-forest-4", e.RandomForestClassifier(60, max_depth=8, random_state=1), four)
    onnxed("onnx-forest-words", e.RandomForestClassifier(40, max_depth=6, random_state=1), words)
    onnxed("onnx-forest-double", e.RandomForestClassifier(40, max_depth=8, random_state=1), four, double=True)
    onnxed("onnx-extra", e.ExtraTreesClassifier(50, max_depth=10, random_state=1), binary)
    onnxed("onnx-tree", tree.DecisionTreeClassifier(max_depth=12, random_state=1), four)
    onnxed("onnx-tree-binary", tree.DecisionTreeClassifier(max_depth=1, random_state=1), binary)
    onnxed("onnx-tree-real", tree.DecisionTreeRegressor(max_depth=12, random_state=1), real)
    onnxed("onnx-forest-real", e.RandomForestRegressor(200, max_depth=10, random_state=1), real)
    onnxed("onnx-forest-real-double", e.RandomForestRegressor(50, max_depth=8, random_state=1), real, double=True, fix=floats)
    onnxed("onnx-forest-two", e.RandomForestRegressor(30, max_depth=8, random_state=1), two)
    onnxed("onnx-boosted", e.GradientBoostingClassifier(n_estimators=100, random_state=1), binary)
    onnxed("onnx-boosted-4", e.GradientBoostingClassifier(n_estimators=40, random_state=1), four)
    onnxed("onnx-boosted-real", e.GradientBoostingRegressor(n_estimators=100, random_state=1), real)
    onnxed("onnx-histogram", e.HistGradientBoostingClassifier(max_iter=60, random_state=1), binary, missing=True)
    onnxed("onnx-histogram-4", e.HistGradientBoostingClassifier(max_iter=30, random_state=1), four, missing=True)
    onnxed("onnx-histogram-real", e.HistGradientBoostingRegressor(max_iter=60, random_state=1), real, missing=True)
    onnxed("onnx-lightgbm", lgb.LGBMClassifier(n_estimators=50, verbosity=-1), binary)
    onnxed("onnx-lightgbm-4", lgb.LGBMClassifier(n_estimators=20, verbosity=-1), four)
    onnxed("onnx-lightgbm-real", lgb.LGBMRegressor(n_estimators=50, verbosity=-1), real)
    onnxed("onnx-xgboost", xgb.XGBClassifier(n_estimators=50), binary, missing=True)
    onnxed("onnx-xgboost-4", xgb.XGBClassifier(n_estimators=20), four)
    onnxed("onnx-xgboost-real", xgb.XGBRegressor(n_estimators=50), real)
    onnxed("onnx-modes", e.RandomForestRegressor(30, max_depth=8, random_state=1), real, fix=modes)
    onnxed("onnx-average", e.RandomForestRegressor(30, max_depth=6, random_state=1), real, fix=aggregate("AVERAGE"))
    onnxed("onnx-least", e.RandomForestRegressor(30, max_depth=6, random_state=1), real, fix=aggregate("MIN"))
    onnxed("onnx-most", e.RandomForestRegressor(30, max_depth=6, random_state=1), two, fix=aggregate("MAX"))
    onnxed("onnx-softmax-zero", e.RandomForestClassifier(20, max_depth=6, random_state=1), four, fix=transform("SOFTMAX_ZERO"))
    onnxed("onnx-logistic", e.RandomForestClassifier(20, max_depth=6, random_state=1), four, fix=transform("LOGISTIC"))


def onnx_linear_models():
    def put(name, model, labels, **more):
        onnxed("onnx-linear-" + name, model, labels, linear=True, **more)

    def scaled(model, by=None):
        return pipeline.make_pipeline(by or preprocessing.StandardScaler(), model)

    logistic = linear_model.LogisticRegression
    sgd = linear_model.SGDClassifier
    put("logistic", scaled(logistic()), binary)
    put("softmax", scaled(logistic()), four)
    put("words", scaled(logistic()), words)
    put("minmax", scaled(logistic(), preprocessing.MinMaxScaler(clip=True)), words)
    put("robust", scaled(logistic(), preprocessing.RobustScaler()), binary)
    put("length", scaled(logistic(), preprocessing.Normalizer()), four)
    put("sizes", scaled(logistic(), preprocessing.Normalizer("l1")), binary)
    put("imputed", pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler(), logistic()), binary, missing=True)
    put("ridge-classes", scaled(linear_model.RidgeClassifier()), four)
    put("svc", svm.LinearSVC(), binary)
    put("svc-words", svm.LinearSVC(), words)
    put("sgd-log", scaled(sgd(loss="log_loss", random_state=1)), words_of_two)
    put("sgd-hinge", scaled(sgd(random_state=1)), binary)
    put("sgd-log-4", scaled(sgd(loss="log_loss", random_state=1)), four)
    put("sgd-huber-4", scaled(sgd(loss="modified_huber", random_state=1)), four)
    put("perceptron", scaled(linear_model.Perceptron(random_state=1)), binary)
    put("real", linear_model.LinearRegression(), real)
    put("two", scaled(linear_model.LinearRegression()), two)
    put("ridge", scaled(linear_model.Ridge()), real)
    put("sgd-real", scaled(linear_model.SGDRegressor(random_state=1)), real)
    put("svr", scaled(svm.LinearSVR(random_state=1)), real)


def words_of_two(s):
    return np.where(binary(s) > 0, "high", "low")


if __name__ == "__main__":
    register()
    lightgbm_models()
    xgboost_models()
    onnx_models()
    onnx_linear_models()
    frames.models(write, rng, ROWS)
