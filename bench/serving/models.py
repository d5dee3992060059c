"""Makes the model that every server is asked about: LightGBM, 100 trees, depth 8, 28 numbers."""

import json
import pathlib
import sys

import lightgbm
import numpy

FEATURES = 28


def main(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(42)
    rows = random.normal(size=(50_000, FEATURES)).astype(numpy.float32)
    margin = rows[:, :8].sum(axis=1) + rows[:, 8] * rows[:, 9] - numpy.abs(rows[:, 10])
    target = (margin + random.normal(size=len(rows)) > 0).astype(int)
    booster = lightgbm.train(
        {"objective": "binary", "max_depth": 8, "num_leaves": 120, "learning_rate": 0.1,
         "num_threads": 2, "seed": 42, "deterministic": True, "verbose": -1},
        lightgbm.Dataset(rows, target),
        num_boost_round=100,
    )
    booster.save_model(folder / "model.txt")

    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    graph = convert_lightgbm(
        booster, initial_types=[("input", FloatTensorType([None, FEATURES]))], zipmap=False
    )
    (folder / "model.onnx").write_bytes(graph.SerializeToString())

    (folder / "mlserver").mkdir(exist_ok=True)
    booster.save_model(folder / "mlserver" / "model.bst")
    (folder / "mlserver" / "settings.json").write_text(json.dumps({"debug": False, "parallel_workers": 0}))
    (folder / "mlserver" / "model-settings.json").write_text(
        json.dumps({"name": "model", "implementation": "mlserver_lightgbm.LightGBMModel",
                    "parameters": {"uri": "./model.bst"}})
    )

    row = [round(float(x), 6) for x in rows[0]]
    bodies = {
        "features": {"features": row},
        "v2": {"inputs": [{"name": "input", "shape": [1, FEATURES], "datatype": "FP32", "data": row}]},
        "mlflow": {"inputs": [row]},
    }
    for name, body in bodies.items():
        (folder / f"{name}.json").write_text(json.dumps(body, separators=(",", ":")))
    print(float(booster.predict(rows[:1])[0]))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
