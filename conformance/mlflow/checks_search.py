"""The search of runs: the whole grammar, order, pages, and what is refused."""

import base64
import math

from mlflow.entities import Dataset, DatasetInput, InputTag

from harness import api, check, client, eq, experiment, ok, raises, refused, run, that

_shop = {}


def shop():
    """An experiment with six runs that the checks of this file only read: its id, and id to letter."""
    if not _shop:
        at = experiment()
        letters = {}
        for i, (letter, auc, lr, kind) in enumerate(
            (
                ("a", 0.9, "0.1", "Tree"),
                ("b", 0.8, "0.01", "tree"),
                ("c", 0.7, "1", "linear"),
                ("d", math.nan, "0.1", "Tree"),
                ("e", None, None, None),
                ("f", -1.5, "abc", "tr%e_"),
            )
        ):
            id = client.create_run(at, start_time=1000 + i, run_name=f"run-{letter}").info.run_id
            letters[id] = letter
            if auc is not None:
                client.log_metric(id, "auc", auc, timestamp=1)
                client.log_metric(id, "has space", auc, timestamp=1)
            if lr is not None:
                client.log_param(id, "lr", lr)
                client.log_param(id, "p.with-dots", lr)
            if kind is not None:
                client.set_tag(id, "kind", kind)
                client.set_tag(id, "a key", kind)
            if letter in "abc":
                client.set_terminated(id, "FINISHED" if letter != "c" else "FAILED", 2000 + i)
        ids = list(letters)
        for id, name, digest, context in (
            (ids[0], "train-set", "d1", "training"),
            (ids[1], "train-set", "d2", "training"),
            (ids[2], "Test-set", "d3", "eval"),
        ):
            tags = [InputTag("mlflow.data.context", context)]
            client.log_inputs(id, [DatasetInput(Dataset(name, digest, "local", "{}"), tags)])
        _shop["at"], _shop["letters"] = at, letters
    return _shop["at"], _shop["letters"]


def found(filter, order=("attributes.start_time ASC",), **more):
    at, letters = shop()
    return "".join(
        letters[r.info.run_id] for r in client.search_runs([at], filter, order_by=list(order), **more)
    )


def table(*rows):
    for filter, want in rows:
        eq(found(filter), want, filter)


@check("an empty filter finds all")
def all_runs():
    table(("", "abcdef"))


@check("metrics are compared as numbers")
def metrics():
    table(
        ("metrics.auc > 0.7", "ab"),
        ("metrics.auc >= 0.7", "abc"),
        ("metrics.auc < 0.8 and metrics.auc > 0", "c"),
        ("metrics.auc <= -1.5", "f"),
        ("metric.auc = 0.9", "a"),
        ("metrics.auc = -1.5", "f"),
        ("metrics.auc > -1e3 AND metrics.auc < 8e-1", "cf" if found("metrics.auc = 0") == "" else "cdf"),
    )


@check("a run without the metric is never found, not by != either")
def metric_unequal():
    that("e" not in found("metrics.auc != 0.9"), "a run without the metric is found")
    that(set("bcf") <= set(found("metrics.auc != 0.9")), "a run with another value is missing")


@check("parameters are compared as text")
def params():
    table(
        ("params.lr = '0.1'", "ad"),
        ("params.lr != '0.1'", "bcf"),
        ('params.lr = "0.01"', "b"),
        ("parameter.lr = '1'", "c"),
        ("param.lr LIKE '0.%'", "abd"),
        ("params.lr ILIKE 'AB_'", "f"),
    )


@check("tags are compared as text, LIKE minds case and ILIKE does not")
def tags():
    table(
        ("tags.kind = 'Tree'", "ad"),
        ("tag.kind != 'Tree'", "bcf"),
        ("tags.kind LIKE 'T%'", "ad"),
        ("tags.kind LIKE 't%'", "bf"),
        ("tags.kind ILIKE 't%'", "abdf"),
        ("tags.kind LIKE '%near'", "c"),
        ("tags.kind LIKE 'Tre_'", "ad"),
    )


@check("keys in backticks or double quotes may have blanks, dots and dashes")
def quoted_keys():
    table(
        ("metrics.`has space` > 0.75", "ab"),
        ('metrics."has space" > 0.75', "ab"),
        ("params.`p.with-dots` = '0.1'", "ad"),
        ("tags.`a key` = 'linear'", "c"),
        ("tags.`mlflow.runName` = 'run-b'", "b"),
        ("tags.mlflow.runName = 'run-b'", "b"),
    )


@check("attributes: status, with and without prefix")
def status():
    table(
        ("attributes.status = 'FINISHED'", "ab"),
        ("attribute.status = 'FAILED'", "c"),
        ("status = 'RUNNING'", "def"),
        ("status != 'RUNNING'", "abc"),
        ("attr.status LIKE 'FIN%'", "ab"),
        ("run.status = 'FAILED'", "c"),
    )


@check("attributes: run_name and its other spellings")
def run_name():
    table(
        ("run_name = 'run-a'", "a"),
        ("attributes.run_name LIKE 'run-%'", "abcdef"),
        ("attributes.`run name` = 'run-c'", "c"),
        ("attributes.`Run name` = 'run-c'", "c"),
        ("attributes.`Run Name` ILIKE 'RUN-D'", "d"),
        ("run_name != 'run-a'", "bcdef"),
    )


@check("attributes: start_time and end_time, with their aliases")
def times():
    table(
        ("attributes.start_time >= 1002", "cdef"),
        ("start_time = 1000", "a"),
        ("attributes.created < 1002", "ab"),
        ("attributes.Created != 1000", "bcdef"),
        ("end_time > 2000", "bc"),
        ("attributes.end_time <= 2001", "ab"),
    )


@check("attributes: run_id equal, in a list, and not in it")
def run_ids():
    _, letters = shop()
    ids = {letter: id for id, letter in letters.items()}
    table(
        (f"attributes.run_id = '{ids['b']}'", "b"),
        (f"run_id != '{ids['b']}'", "acdef"),
        (f"attributes.run_id IN ('{ids['a']}', '{ids['c']}')", "ac"),
        (f"run_id in ('{ids['a']}')", "a"),
        (f"attributes.run_id NOT IN ('{ids['a']}', '{ids['c']}')", "bdef"),
        (f"run_id LIKE '{ids['f'][:20]}%'", "f"),
    )


@check("attributes: artifact_uri and user_id")
def other_attributes():
    at, letters = shop()
    ids = {letter: id for id, letter in letters.items()}
    table(
        (f"attributes.artifact_uri = 'mlflow-artifacts:/{at}/{ids['a']}/artifacts'", "a"),
        ("attributes.artifact_uri LIKE '%/artifacts'", "abcdef"),
        ("attributes.user_id = 'nobody-at-all'", ""),
    )


@check("datasets: name, digest and context, with lists")
def datasets():
    table(
        ("datasets.name = 'train-set'", "ab"),
        ("dataset.name LIKE 'train%'", "ab"),
        ("datasets.name ILIKE 'TEST%'", "c"),
        ("dataset.digest = 'd2'", "b"),
        ("datasets.digest IN ('d1', 'd3')", "ac"),
        ("dataset.context = 'eval'", "c"),
        ("dataset.name = 'train-set' AND dataset.context = 'training' AND metrics.auc > 0.85", "a"),
    )


@check("AND joins in any case, across entities and twice on one key")
def conjunctions():
    table(
        ("metrics.auc > 0.1 AND params.lr = '0.1'", "a"),
        ("metrics.auc > 0.1 and metrics.auc < 0.85 And tags.kind ILIKE '%e%'", "bc"),
        ("status = 'FINISHED' AND start_time > 1000 AND tags.kind = 'tree'", "b"),
    )


@check("blanks about an operator do not matter")
def blanks():
    table(
        ("metrics.auc>0.7", "ab"),
        ("  metrics.auc   >=   0.8  ", "ab"),
        ("params.lr='0.1'", "ad"),
        ("status   =   'FAILED'", "c"),
    )


@check("text may hold quotes, AND, percent signs and other letters")
def odd_text():
    at = experiment()
    values = ["it's", 'say "x"', "this AND that", "100%", "漢字 é", "a`b", "(x)", "a, b", "= <>"]
    for value in values:
        client.set_tag(run(at), "v", value)
    for value in values:
        quote = '"' if "'" in value else "'"
        hits = client.search_runs([at], f"tags.v = {quote}{value}{quote}")
        eq([r.data.tags["v"] for r in hits], [value], value)


@check("names of keys mind their case")
def key_case():
    table(("metrics.AUC > 0", ""), ("params.LR = '0.1'", ""), ("tags.Kind = 'Tree'", ""))


@check("what is no filter is refused with 400")
def refused_filters():
    at, _ = shop()
    for filter in (
        "metrics.auc > 0.5 OR metrics.auc < 0.1",
        "metrics.auc > '0.9'",
        "params.lr = 0.1",
        "params.lr > '0.1'",
        "tags.kind = Tree",
        "tags.kind > 'a'",
        "metrics.auc LIKE '0%'",
        "metrics.auc",
        "metrics.auc >",
        "auc > 0.5",
        "lr = '0.1'",
        "attributes.color = 'red'",
        "attributes.start_time = 'noon'",
        "attributes.start_time LIKE '1%'",
        "attributes.status > 'A'",
        "color.x = '1'",
        "dataset.color = 'x'",
        "run_id IN 'a'",
        "params.lr IN ('0.1'",
        "params.lr = 'open",
        "; drop table runs",
        "1 = 1",
    ):
        answer = api("POST", "/runs/search", {"experiment_ids": [at], "filter": filter})
        that(answer.status == 400, f"{filter}: {answer.status} {answer.text[:200]}")
        eq(answer.json["error_code"], "INVALID_PARAMETER_VALUE", filter)


@check("a refused filter is told by the texts that people search for")
def refused_texts():
    at, _ = shop()
    for filter, pattern in (
        ("attributes.color = 'red'", "Invalid attribute key 'color' specified"),
        ("color.x = '1'", "Invalid entity type 'color'"),
        ("metrics.auc", "Invalid"),
        ("params.lr = 0.1", "Expected"),
    ):
        raises("INVALID_PARAMETER_VALUE", pattern, client.search_runs, [at], filter)


@check("by default the newest run comes first")
def default_order():
    eq(found("", order=()), "fedcba")


@check("order by a metric: values, then NaN, then absent, up and down")
def order_metric():
    eq(found("", order=["metrics.auc ASC", "start_time ASC"]), "fcbade")
    eq(found("", order=["metrics.auc DESC", "start_time ASC"]), "abcfde")


@check("order by a parameter or a tag: as text, absent last")
def order_param():
    eq(found("", order=["params.lr ASC", "start_time ASC"]), "badcfe")
    eq(found("", order=["params.lr DESC", "start_time ASC"]), "fcadbe")
    eq(found("", order=["tags.`a key` ASC", "start_time ASC"])[-1], "e")


@check("order by attributes, with and without direction and prefix")
def order_attributes():
    for order, want in (
        (["attributes.start_time"], "abcdef"),
        (["start_time desc"], "fedcba"),
        (["attribute.run_name DESC"], "fedcba"),
        (["run_name"], "abcdef"),
        (["attributes.status", "attributes.start_time DESC"], "cbafed"),
        (["end_time DESC", "start_time"], "cbadef"),
        (["created ASC"], "abcdef"),
    ):
        eq(found("", order=order), want, str(order))


@check("order by a key in backticks")
def order_quoted():
    eq(found("metrics.auc > -10 AND tags.kind != 'Tree'", order=["metrics.`has space` DESC"]), "bcf")


@check("equal in the order: the newest first, then by id")
def order_ties():
    at = experiment()
    ids = [client.create_run(at, start_time=5).info.run_id for _ in range(5)]
    eq([r.info.run_id for r in client.search_runs([at])], sorted(ids))
    later = client.create_run(at, start_time=6).info.run_id
    eq([r.info.run_id for r in client.search_runs([at], order_by=["params.none"])], [later, *sorted(ids)])


@check("a bad order is refused with 400")
def refused_order():
    at, _ = shop()
    for order in ("metrics.auc UP", "metrics.auc DESC ASC", "color", "attributes.color", ""):
        answer = api("POST", "/runs/search", {"experiment_ids": [at], "order_by": [order]})
        that(answer.status == 400, f"{order!r}: {answer.status} {answer.text[:200]}")


@check("a field twice in the order is refused with 400", better="MLflow answers 500")
def refused_double_order():
    at, _ = shop()
    answer = api(
        "POST", "/runs/search", {"experiment_ids": [at], "order_by": ["metrics.auc", "metrics.auc DESC"]}
    )
    refused(answer, 400, "INVALID_PARAMETER_VALUE")


@check("pages follow each other without gap or double")
def pages():
    at, letters = shop()
    got, token = "", None
    for _ in range(10):
        page = client.search_runs([at], order_by=["start_time"], max_results=4, page_token=token)
        that(len(page) <= 4, "a page is too large")
        got += "".join(letters[r.info.run_id] for r in page)
        token = page.token
        if not token:
            break
    eq(got, "abcdef")


@check("pages of an order by metric with NaN and absent values are whole")
def pages_metric():
    at, letters = shop()
    for way, want in (("ASC", "fcbade"), ("DESC", "abcfde")):
        got, token = "", None
        for _ in range(10):
            page = client.search_runs(
                [at], order_by=[f"metrics.auc {way}", "start_time"], max_results=1, page_token=token
            )
            got += "".join(letters[r.info.run_id] for r in page)
            token = page.token
            if not token:
                break
        eq(got, want, way)


@check("a page token that is none is refused with 400")
def bad_token():
    at, _ = shop()
    for token in ("nonsense!", base64.b64encode(b"not json").decode()):
        answer = api("POST", "/runs/search", {"experiment_ids": [at], "max_results": 2, "page_token": token})
        refused(answer, 400, "INVALID_PARAMETER_VALUE")


@check("max_results above 50000 or below 0 is refused")
def bad_max():
    at, _ = shop()
    for most in (50001, -1):
        refused(
            api("POST", "/runs/search", {"experiment_ids": [at], "max_results": most}),
            400,
            "INVALID_PARAMETER_VALUE",
            "max_results",
        )


@check("many experiments are searched together, none finds nothing")
def many_experiments():
    at, other = experiment(), experiment()
    one, two = run(at), run(other)
    eq({r.info.run_id for r in client.search_runs([at, other])}, {one, two})
    eq(ok(api("POST", "/runs/search", {"experiment_ids": []})), {})
    eq(ok(api("POST", "/runs/search", {"experiment_ids": [experiment()]})), {})


@check("a search without experiment_ids finds nothing")
def no_experiments():
    eq(ok(api("POST", "/runs/search", {"filter": ""})), {})


@check("found runs carry metrics, parameters and tags")
def whole_runs():
    at, _ = shop()
    one = client.search_runs([at], "run_name = 'run-a'")[0]
    eq((one.data.metrics["auc"], one.data.params["lr"], one.data.tags["kind"]), (0.9, "0.1", "Tree"))
    eq(one.inputs.dataset_inputs[0].dataset.name, "train-set")


@check("a filter uses the latest value of a metric")
def latest_value():
    at = experiment()
    id = run(at)
    client.log_metric(id, "m", 5.0, step=1)
    client.log_metric(id, "m", 1.0, step=2)
    client.log_metric(id, "m", 9.0, step=0)
    eq(len(client.search_runs([at], "metrics.m = 1")), 1)
    eq(len(client.search_runs([at], "metrics.m > 1")), 0)


@check("a filter of many comparisons is answered")
def many_comparisons():
    at = experiment()
    id = run(at)
    client.log_batch(id, params=[])
    for i in range(20):
        client.log_param(id, f"p{i}", str(i))
    eq(len(client.search_runs([at], " AND ".join(f"params.p{i} = '{i}'" for i in range(20)))), 1)
    eq(len(client.search_runs([at], " AND ".join(f"params.p{i} = '{i + (i == 19)}'" for i in range(20)))), 0)


@check("the summary of an experiment's datasets is answered")
def search_datasets():
    from harness import send

    at, _ = shop()
    answer = ok(send("POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", {"experiment_ids": [at]}))
    rows = sorted((d["name"], d["digest"], d.get("context")) for d in answer["dataset_summaries"])
    eq(rows, [("Test-set", "d3", "eval"), ("train-set", "d1", "training"), ("train-set", "d2", "training")])
    refused(
        send("POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", {}),
        400,
        "INVALID_PARAMETER_VALUE",
        "at least one experiment_id",
    )
