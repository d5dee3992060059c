"""Four snippets of the founding documents, run as they stand; what they leave undefined stands here.

The stand-ins are: training functions and their figures; `wandb`, another tracker; `mlflow.pytorch`, whose
model here is scikit-learn's, as PyTorch weighs a gigabyte; `{run_id}` in the text of mlflow_registry.py,
which its author meant to be filled in; and the methods that two classes call and do not have. The newest
client stores no forest, whatever the server, unless its type is called trusted: that is said for it.
"""

import functools
import inspect
import os
import sys
import types

import mlflow
import mlflow.sklearn
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from harness import check, client, contains, eq, experiment, fresh, that

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "snippets")
X = pd.DataFrame(np.random.default_rng(7).normal(size=(80, 3)), columns=["age", "fee", "months"])
Y = (X["age"] - X["fee"] > 0).astype(int)


def play(name, **given):
    """Runs a snippet with these names given; its own names."""
    path = os.path.join(FOLDER, name + ".py")
    with open(path, encoding="utf-8") as source:
        code = compile(source.read(), path, "exec")
    names = {"__name__": name, **given}
    exec(code, names)
    return names


def fit(*_):
    return LogisticRegression().fit(X, Y)


@check("mlflow_tracking.py runs as it stands")
def tracking():
    at = experiment()
    mlflow.set_experiment(experiment_id=at)
    wandb = types.ModuleType("wandb")
    wandb.init = wandb.log = wandb.watch = lambda *args, **named: None
    pytorch = types.ModuleType("mlflow.pytorch")
    pytorch.log_model = mlflow.sklearn.log_model
    before = mlflow.__dict__.get("pytorch"), sys.modules.get("mlflow.pytorch")
    sys.modules["wandb"], sys.modules["mlflow.pytorch"], mlflow.pytorch = wandb, pytorch, pytorch
    try:
        play("mlflow_tracking", train_model=fit, accuracy=0.9, f1=0.8, loss=0.1)
    finally:
        del sys.modules["wandb"]
        mlflow.pytorch = before[0]
        if before[1] is None:
            del sys.modules["mlflow.pytorch"]
    one = client.search_runs([at])[0]
    eq(one.data.params, {"learning_rate": "0.001", "batch_size": "32"})
    eq((one.data.metrics, one.info.status), ({"accuracy": 0.9, "f1_score": 0.8}, "FINISHED"))
    eq(list(mlflow.sklearn.load_model(f"runs:/{one.info.run_id}/model").predict(X)), list(fit().predict(X)))


def trained():
    """A run with a model at 'model': its id."""
    mlflow.set_experiment(experiment_id=experiment())
    with mlflow.start_run() as active:
        mlflow.sklearn.log_model(fit(), "model", pip_requirements=["scikit-learn"])
    return active.info.run_id


@check("mlflow_registry.py runs as it stands")
def registry():
    id, register = trained(), mlflow.register_model
    try:
        client.delete_registered_model("my-model")
    except mlflow.exceptions.MlflowException:
        pass
    mlflow.register_model = lambda uri, name: register(uri.format(run_id=id), name)
    try:
        names = play("mlflow_registry", mlflow=mlflow)
    finally:
        mlflow.register_model = register
    eq((names["result"].name, int(names["result"].version)), ("my-model", 1))
    eq(client.get_model_version("my-model", "1").current_stage, "Production")
    eq(list(mlflow.sklearn.load_model("models:/my-model/Production").predict(X)), list(fit().predict(X)))


@check("model_deployer_mlflow.py runs as it stands: promotes, archives and rolls back")
def deployer():
    names = play("model_deployer_mlflow")

    class Deployer(names["ModelDeployer"]):
        def get_production_model(self, name):
            found = self.client.get_latest_versions(name, ["Production"])
            return found[0] if found else None

    id, name = trained(), fresh("deployed")
    for _ in range(2):
        mlflow.register_model(f"runs:/{id}/model", name)
    deployer = Deployer(mlflow.get_tracking_uri())
    deployer.promote_to_production(name, "1")
    deployer.promote_to_production(name, "2")
    stages = lambda: {
        v.version: v.current_stage for v in client.search_model_versions(f"name = '{name}'")
    }  # noqa: E731
    eq(stages(), {"1": "Archived", "2": "Production"})
    deployer.rollback(name)
    eq(stages(), {"1": "Production", "2": "Archived"})


@check("model_trainer_mlflow_optuna.py runs as it stands: trains, tunes and logs")
def trainer():
    names = play("model_trainer_mlflow_optuna")
    names["optuna"].logging.disable_default_handler()

    class Trainer(names["ModelTrainer"]):
        def calculate_metrics(self, actual, predicted, proba):
            return {"accuracy": float((actual == predicted).mean()), "mean_score": float(proba.mean())}

        def log_feature_importance(self, model, columns):
            mlflow.log_dict(dict(zip(columns, map(float, model.feature_importances_))), "importance.json")

    where = fresh("trainer")
    log_model = mlflow.sklearn.log_model
    if "skops_trusted_types" in inspect.signature(log_model).parameters:
        mlflow.sklearn.log_model = functools.partial(
            log_model, skops_trusted_types=["sklearn.tree._tree.Tree"]
        )
    try:
        trainer = Trainer(where)
        model, metrics = trainer.train_with_tracking(
            X[:60], Y[:60], X[60:], Y[60:], {"n_estimators": 10, "max_depth": 3, "random_state": 42}
        )
        best = trainer.hyperparameter_tuning(X, Y, n_trials=1)
    finally:
        mlflow.sklearn.log_model = log_model
    at = client.get_experiment_by_name(where).experiment_id
    tuned, one = client.search_runs([at])
    eq((one.data.metrics, one.data.params["train_size"]), (metrics, "60"))
    eq({f.path for f in client.list_artifacts(one.info.run_id)} >= {"importance.json"}, True)
    eq(list(mlflow.sklearn.load_model(f"runs:/{one.info.run_id}/model").predict(X)), list(model.predict(X)))
    eq((tuned.info.run_name, tuned.data.params), ("best_params", {k: str(v) for k, v in best.items()}))
    contains(tuned.data.metrics, "best_auc")
    that(0 <= tuned.data.metrics["best_auc"] <= 1, f"{tuned.data.metrics}")
