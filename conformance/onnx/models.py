"""Models as scikit-learn and onnx.helper make them, with rows to ask them about; all seeded.

    models.py FOLDER    writes NAME.onnx for each, and NAME.json with rows and onnxruntime's answers
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC, SVR

warnings.filterwarnings("ignore")
ROWS = 400
WIDTH = 6
CITIES = np.array(["Seoul", "Busan", "Jeju", "Daegu"])
PLANS = np.array(["free", "pro", "team"])


def numbers(seed, rows=ROWS):
    return np.random.default_rng(seed).normal(size=(rows, WIDTH)).astype(np.float32)


def classes(x, count):
    score = x[:, 0] * 2 - x[:, 1] + x[:, 2] * x[:, 3]
    return np.digitize(score, np.quantile(score, np.linspace(0, 1, count + 1)[1:-1]))


def value(x):
    return x[:, 0] * 3 - x[:, 1] ** 2 + 0.5 * x[:, 4]


def matrix(model, x):
    return to_onnx(model, initial_types=[("input", FloatTensorType([None, x.shape[1]]))], target_opset=17)


def columns(model, frame):
    types = {np.float32: FloatTensorType, np.int64: Int64TensorType}
    initial = [
        (name, types.get(column.dtype.type, StringTensorType)([None, 1])) for name, column in frame.items()
    ]
    return to_onnx(model, initial_types=initial, target_opset=17)


def mixed(seed, rows=ROWS):
    """Columns of two numbers (some missing), a count and two texts, as a customer table has them."""
    random = np.random.default_rng(seed)
    charges = random.normal(70, 25, (rows, 1)).astype(np.float32)
    charges[random.random((rows, 1)) < 0.1] = np.nan
    return {
        "tenure": random.integers(0, 60, (rows, 1)).astype(np.float32),
        "charges": charges,
        "city": CITIES[random.integers(0, len(CITIES), (rows, 1))].astype(object),
        "plan": PLANS[random.integers(0, len(PLANS), (rows, 1))].astype(object),
    }


def table(frame):
    import pandas

    return pandas.DataFrame({name: column[:, 0] for name, column in frame.items()})


def churn(frame):
    random = np.random.default_rng(1)
    score = (frame["tenure"] < 12)[:, 0] * 1.5 + (frame["plan"] == "free")[:, 0] + random.normal(size=ROWS)
    return np.where(score > 1.2, "leaves", "stays")


def pipeline(model):
    return make_pipeline(
        ColumnTransformer(
            [
                ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["tenure", "charges"]),
                ("texts", OneHotEncoder(handle_unknown="ignore"), ["city", "plan"]),
            ]
        ),
        model,
    )


def graph(nodes, inputs, outputs, weights):
    made = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info(n, t, s) for n, t, s in inputs],
        [helper.make_tensor_value_info(n, t, s) for n, t, s in outputs],
        [numpy_helper.from_array(a, n) for n, a in weights.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def network():
    """As PyTorch exports a small perceptron: Gemm with transposed weights, Relu, Tanh, Sigmoid."""
    random = np.random.default_rng(5)
    layers = [(WIDTH, 24), (24, 12), (12, 1)]
    weights, nodes, last = {}, [], "input"
    for i, ((a, b), act) in enumerate(zip(layers, ["Relu", "Tanh", "Sigmoid"])):
        weights[f"w{i}"] = random.normal(0, 0.5, (b, a)).astype(np.float32)
        weights[f"b{i}"] = random.normal(0, 0.1, b).astype(np.float32)
        nodes.append(helper.make_node("Gemm", [last, f"w{i}", f"b{i}"], [f"g{i}"], transB=1))
        last = "score" if i == 2 else f"a{i}"
        nodes.append(helper.make_node(act, [f"g{i}"], [last]))
    return graph(
        nodes, [("input", TensorProto.FLOAT, ["rows", WIDTH])], [("score", TensorProto.FLOAT, ["rows", 1])], weights
    )


def convolutions():
    random = np.random.default_rng(6)
    weights = {
        "k": random.normal(0, 0.3, (4, 1, 3, 3)).astype(np.float32),
        "kb": random.normal(0, 0.1, 4).astype(np.float32),
        "w": random.normal(0, 0.2, (4 * 4 * 4, 10)).astype(np.float32),
        "b": random.normal(0, 0.1, 10).astype(np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["image", "k", "kb"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "w", "b"], ["g"]),
        helper.make_node("Softmax", ["g"], ["probabilities"], axis=1),
    ]
    return graph(
        nodes,
        [("image", TensorProto.FLOAT, ["rows", 1, 8, 8])],
        [("probabilities", TensorProto.FLOAT, ["rows", 10])],
        weights,
    )


def doubles():
    w = np.random.default_rng(7).normal(size=(WIDTH, 2))
    nodes = [helper.make_node("MatMul", ["input", "w"], ["score"])]
    return graph(
        nodes, [("input", TensorProto.DOUBLE, ["rows", WIDTH])], [("score", TensorProto.DOUBLE, ["rows", 2])], {"w": w}
    )


def simple():
    """The model that clients' examples ask for: a sum and a difference of integers."""
    nodes = [
        helper.make_node("Add", ["INPUT0", "INPUT1"], ["OUTPUT0"]),
        helper.make_node("Sub", ["INPUT0", "INPUT1"], ["OUTPUT1"]),
    ]
    return graph(
        nodes,
        [("INPUT0", TensorProto.INT32, ["rows", 16]), ("INPUT1", TensorProto.INT32, ["rows", 16])],
        [("OUTPUT0", TensorProto.INT32, ["rows", 16]), ("OUTPUT1", TensorProto.INT32, ["rows", 16])],
        {},
    )


def all_models():
    """Name, model and inputs of each."""
    x = numbers(0)
    odd = x.copy()
    odd[np.random.default_rng(3).random(odd.shape) < 0.1] = np.nan
    two, four, y = classes(x, 2), classes(x, 4), value(x)
    frame = mixed(2)
    asked = {"input": numbers(9)}
    texts = {k: v for k, v in frame.items() if k in ("city", "plan")}
    unseen = {k: v.copy() for k, v in mixed(8).items()}
    unseen["city"][::7] = "Mars"

    def net(kind, **more):
        return kind(hidden_layer_sizes=(16, 8), max_iter=150, random_state=0, **more)

    yield "logistic", matrix(LogisticRegression().fit(x, two), x), asked
    yield "logistic_multiclass", matrix(LogisticRegression().fit(x, four), x), asked
    yield "linear_regression", matrix(LinearRegression().fit(x, y), x), asked
    yield "elastic_net_scaled", matrix(make_pipeline(MinMaxScaler(), ElasticNet(alpha=0.01)).fit(x, y), x), asked
    yield "imputed_scaled_logistic", matrix(
        make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()).fit(odd, two), x
    ), {"input": np.where(np.random.default_rng(4).random(x.shape) < 0.1, np.float32(np.nan), asked["input"])}
    yield "normalized_logistic", matrix(make_pipeline(Normalizer(), LogisticRegression()).fit(x, two), x), asked
    yield "churn_pipeline", columns(pipeline(LogisticRegression()).fit(table(frame), churn(frame)), frame), unseen
    yield "churn_mlp", columns(pipeline(net(MLPClassifier)).fit(table(frame), churn(frame)), frame), unseen
    yield "ordinal_texts", columns(
        make_pipeline(OrdinalEncoder(), LinearRegression()).fit(
            table(texts), np.arange(ROWS, dtype=np.float32)
        ),
        texts,
    ), texts
    yield "mlp_classifier", matrix(net(MLPClassifier).fit(x, two), x), asked
    yield "mlp_multiclass_tanh", matrix(net(MLPClassifier, activation="tanh").fit(x, four), x), asked
    yield "mlp_regressor", matrix(net(MLPRegressor, activation="logistic").fit(x, y), x), asked
    yield "svm_classifier", matrix(SVC(probability=True, random_state=0).fit(x, four), x), asked
    yield "svm_regressor", matrix(SVR().fit(x, y), x), asked
    yield "nearest_neighbours", matrix(KNeighborsClassifier().fit(x, two), x), asked
    yield "gaussian_nb", matrix(GaussianNB().fit(x, four), x), asked
    yield "network", network(), asked
    yield "convolutions", convolutions(), {
        "image": np.random.default_rng(11).normal(size=(64, 1, 8, 8)).astype(np.float32)
    }
    yield "doubles", doubles(), {"input": numbers(9).astype(np.float64)}
    yield "simple", simple(), {
        name: np.random.default_rng(i).integers(-99, 99, (32, 16)).astype(np.int32)
        for i, name in enumerate(["INPUT0", "INPUT1"])
    }


def plain(array):
    """As JSON carries it: nested lists, floats with all their digits, NaN as null."""
    if array.dtype == object or array.dtype.kind in "US":
        return [str(v) for v in array.ravel()]
    if array.dtype.kind == "f":
        return [None if np.isnan(v) else float(v) for v in array.ravel()]
    return [int(v) for v in array.ravel()]


def tensor(array):
    types = {"float32": "FP32", "float64": "FP64", "int64": "INT64", "int32": "INT32", "bool": "BOOL"}
    return {"datatype": types.get(str(array.dtype), "BYTES"), "shape": list(array.shape), "data": plain(array)}


def answers(model, inputs):
    """onnxruntime's answers, a ZipMap's maps as the matrix of their values."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    answer = {}
    for output, got in zip(session.get_outputs(), session.run(None, inputs)):
        if isinstance(got, list):
            got = np.array([[row[k] for k in got[0]] for row in got], dtype=np.float32)
        answer[output.name] = got
    return answer


def main(folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, model, inputs in all_models():
        onnx.save(model, folder / f"{name}.onnx")
        case = {
            "inputs": {k: tensor(v) for k, v in inputs.items()},
            "outputs": {k: tensor(np.asarray(v)) for k, v in answers(model, inputs).items()},
        }
        (folder / f"{name}.json").write_text(json.dumps(case))


if __name__ == "__main__":
    main(sys.argv[1])
