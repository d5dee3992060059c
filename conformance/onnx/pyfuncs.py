"""Real MLflow python_function models, with rows and mlflow's own answers.

    pyfuncs.py FOLDER    writes the folders NAME and the files NAME.json
"""

import json
import sys
import warnings
from pathlib import Path

import mlflow
import numpy as np
import pandas
from mlflow.models import infer_signature
from models import mixed, numbers, pipeline, plain, table, tensor, value, churn
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")


class Ratio(mlflow.pyfunc.PythonModel):
    """A model of plain Python over columns."""

    def predict(self, context, model_input, params=None):
        return model_input["a"] / (model_input["a"] + model_input["b"])


def cases():
    frame = mixed(2)
    model = pipeline(LogisticRegression()).fit(table(frame), churn(frame))
    asked = table(mixed(8))
    yield "sklearn_pipeline", lambda p: mlflow.sklearn.save_model(
        model, p, signature=infer_signature(asked, model.predict(asked)), serialization_format="cloudpickle"
    ), asked

    x = numbers(0).astype(np.float64)
    forest = RandomForestRegressor(n_estimators=20, random_state=0).fit(x, value(x))
    yield "sklearn_forest", lambda p: mlflow.sklearn.save_model(
        forest, p, signature=infer_signature(x, forest.predict(x)), serialization_format="cloudpickle"
    ), x

    rows = pandas.DataFrame({"a": np.arange(1.0, 51), "b": np.linspace(0, 9, 50)})
    yield "own_class", lambda p: mlflow.pyfunc.save_model(
        p, python_model=Ratio(), signature=infer_signature(rows, rows["a"].to_numpy())
    ), rows


def main(folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, save, asked in cases():
        save(folder / name)
        got = np.asarray(mlflow.pyfunc.load_model(str(folder / name)).predict(asked))
        if isinstance(asked, pandas.DataFrame):
            inputs = {str(c): tensor(asked[c].to_numpy()) for c in asked}
        else:
            inputs = {"input": tensor(asked)}
        (folder / f"{name}.json").write_text(json.dumps({"inputs": inputs, "outputs": {"predictions": tensor(got)}}))


if __name__ == "__main__":
    main(sys.argv[1])
