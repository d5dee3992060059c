"""The usual ways to serve a model from Python, written as their users write them."""

import os
import pathlib

FOLDER = pathlib.Path(os.environ["MODEL_FOLDER"])


def lightgbm_app():
    import lightgbm
    import numpy
    from fastapi import FastAPI
    from pydantic import BaseModel

    app = FastAPI()
    booster = lightgbm.Booster(model_file=str(FOLDER / "model.txt"))

    class Row(BaseModel):
        features: list[float]

    @app.get("/health")
    def health():
        return {}

    @app.post("/predict")
    def predict(row: Row):
        rows = numpy.asarray([row.features])
        return {"prediction": booster.predict(rows, num_threads=1).tolist()}

    return app


def onnx_app():
    import numpy
    import onnxruntime
    from fastapi import FastAPI, Request
    from fastapi.responses import Response

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(FOLDER / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    output = session.get_outputs()[1].name

    import json

    app = FastAPI()

    @app.get("/health")
    async def health():
        return {}

    @app.post("/predict")
    async def predict(request: Request):
        rows = numpy.asarray([json.loads(await request.body())["features"]], dtype=numpy.float32)
        score = session.run([output], {"input": rows})[0]
        return Response(json.dumps({"prediction": score[:, 1].tolist()}), media_type="application/json")

    return app


def mlflow_app():
    import lightgbm
    import mlflow.pyfunc
    import numpy
    from mlflow.models import ModelSignature
    from mlflow.pyfunc.scoring_server import init
    from mlflow.types.schema import Schema, TensorSpec

    booster = lightgbm.Booster(model_file=str(FOLDER / "model.txt"))

    class Scored(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return booster.predict(model_input, num_threads=1)

    kept = FOLDER / "mlflow"
    if not kept.exists():
        signature = ModelSignature(
            inputs=Schema([TensorSpec(numpy.dtype("float64"), (-1, 28))]),
            outputs=Schema([TensorSpec(numpy.dtype("float64"), (-1,))]),
        )

        class Loaded(mlflow.pyfunc.PythonModel):
            def load_context(self, context):
                import lightgbm as library

                self.booster = library.Booster(model_file=context.artifacts["model"])

            def predict(self, context, model_input, params=None):
                return self.booster.predict(model_input, num_threads=1)

        mlflow.pyfunc.save_model(
            path=str(kept), python_model=Loaded(), signature=signature,
            artifacts={"model": str(FOLDER / "model.txt")},
            pip_requirements=["lightgbm"],
        )
    return init(mlflow.pyfunc.load_model(str(kept)))
