"""The registry: stages, aliases, and the search of models and versions."""

import mlflow

from checks_registry import model, stages
from harness import api, check, client, eq, file, fresh, ok, raises, refused, run, send


@check("a version moves through the stages, in any case of letters")
def stage_moves():
    name = model(versions=1)
    for given, shown in (
        ("Staging", "Staging"),
        ("production", "Production"),
        ("ARCHIVED", "Archived"),
        ("none", "None"),
    ):
        eq(client.transition_model_version_stage(name, "1", given).current_stage, shown)
        eq(client.get_model_version(name, "1").current_stage, shown)


@check("a stage that there is not is refused")
def bad_stage():
    name = model(versions=1)
    raises(
        "INVALID_PARAMETER_VALUE",
        "Invalid Model Version stage",
        client.transition_model_version_stage,
        name,
        "1",
        "Shipped",
    )


@check("archive_existing_versions archives the one that was there")
def archive_existing():
    name = model(versions=3)
    client.transition_model_version_stage(name, "1", "Production")
    client.transition_model_version_stage(name, "2", "Staging")
    client.transition_model_version_stage(name, "3", "Production", archive_existing_versions=True)
    eq(stages(name), {"1": "Archived", "2": "Staging", "3": "Production"})


@check(
    "archive_existing_versions is for Staging and Production alone",
    better="newer versions of MLflow answer 500",
)
def archive_into_archived():
    name = model(versions=1)
    raises(
        "INVALID_PARAMETER_VALUE",
        "archive_existing_versions",
        client.transition_model_version_stage,
        name,
        "1",
        "Archived",
        True,
    )


@check("the latest version of each stage")
def latest_versions():
    name = model(versions=4)
    for number, stage in (("1", "Production"), ("2", "Staging"), ("3", "Staging")):
        client.transition_model_version_stage(name, number, stage)
    eq(
        {v.current_stage: v.version for v in client.get_latest_versions(name)},
        {"Production": "1", "Staging": "3", "None": "4"},
    )
    eq([v.version for v in client.get_latest_versions(name, ["Staging"])], ["3"])
    eq([v.version for v in client.get_latest_versions(name, ["production", "none"])], ["1", "4"])
    eq(client.get_latest_versions(name, ["Archived"]), [])
    eq(
        {v.current_stage: v.version for v in client.get_registered_model(name).latest_versions},
        {"Production": "1", "Staging": "3", "None": "4"},
    )


@check("latest versions by GET answer as by POST")
def latest_by_get():
    name = model(versions=2)
    eq(
        ok(api("GET", "/registered-models/get-latest-versions", query={"name": name})),
        ok(api("POST", "/registered-models/get-latest-versions", {"name": name})),
    )


# --- aliases --------------------------------------------------------------------------------------


@check("an alias points at a version, and moves")
def alias():
    name = model(versions=2)
    client.set_registered_model_alias(name, "champion", "1")
    eq(client.get_model_version_by_alias(name, "champion").version, "1")
    client.set_registered_model_alias(name, "champion", "2")
    eq(client.get_model_version_by_alias(name, "champion").version, "2")
    eq(client.get_registered_model(name).aliases, {"champion": "2"})
    eq(
        (client.get_model_version(name, "1").aliases, client.get_model_version(name, "2").aliases),
        ([], ["champion"]),
    )


@check("an alias is deleted, and twice is well")
def alias_deleted():
    name = model(versions=1)
    client.set_registered_model_alias(name, "c", "1")
    client.delete_registered_model_alias(name, "c")
    client.delete_registered_model_alias(name, "c")
    raises(
        "INVALID_PARAMETER_VALUE",
        "Registered model alias c not found",
        client.get_model_version_by_alias,
        name,
        "c",
    )


@check("an alias of an unknown version or model is 404")
def alias_unknown():
    name = model(versions=1)
    raises("RESOURCE_DOES_NOT_EXIST", "not found", client.set_registered_model_alias, name, "c", "7")
    raises(
        "RESOURCE_DOES_NOT_EXIST", "not found", client.set_registered_model_alias, "nothing-here", "c", "1"
    )


@check("reserved and misshapen aliases are refused")
def alias_bad():
    name = model(versions=1)
    for text in ("latest", "Latest", "v1", "V23", "a b", "a/b", "", "x" * 256):
        refused(
            api("POST", "/registered-models/alias", {"name": name, "alias": text, "version": "1"}),
            400,
            "INVALID_PARAMETER_VALUE",
        )


@check("deleting a version takes its aliases along")
def alias_of_deleted():
    name = model(versions=2)
    client.set_registered_model_alias(name, "c", "1")
    client.delete_model_version(name, "1")
    eq(client.get_registered_model(name).aliases, {})


# --- search ---------------------------------------------------------------------------------------


@check("models are searched by name and tag")
def search_models():
    mark = fresh("s")
    for letter in "abc":
        client.create_registered_model(f"{mark}-{letter}", {"mark": mark, "letter": letter})
    names = lambda filter, **more: [
        m.name[-1] for m in client.search_registered_models(filter, **more)
    ]  # noqa: E731
    eq(names(f"name = '{mark}-a'"), ["a"])
    eq(names(f"name LIKE '{mark}-%'"), ["a", "b", "c"])
    eq(names(f"name ILIKE '{mark.upper()}-%'"), ["a", "b", "c"])
    eq(names(f"name LIKE '{mark.upper()}-%'"), [])
    eq(names(f"tags.mark = '{mark}' AND tags.letter != 'b'"), ["a", "c"])
    eq(names(f"tags.`mark` = '{mark}' and name != '{mark}-a'"), ["b", "c"])
    eq(names(f"tags.mark = '{mark}'", order_by=["name DESC"]), ["c", "b", "a"])
    eq(sorted(names(f"tags.mark = '{mark}'", order_by=["last_updated_timestamp DESC"])), ["a", "b", "c"])


@check("found models come in pages")
def search_models_pages():
    mark = fresh("s")
    for i in range(5):
        client.create_registered_model(f"{mark}-{i}", {"mark": mark})
    got, token = [], None
    while True:
        page = client.search_registered_models(f"tags.mark = '{mark}'", max_results=2, page_token=token)
        got += [m.name[-1] for m in page]
        token = page.token
        if not token:
            break
    eq(got, list("01234"))
    eq(len(mlflow.search_registered_models(filter_string=f"tags.mark = '{mark}'")), 5)


@check("bad searches of models are 400")
def search_models_bad():
    for query in (
        {"filter": "color = 'x'"},
        {"filter": "name > 'x'"},
        {"filter": "name = 'a' OR name = 'b'"},
        {"order_by": ["color"]},
        {"max_results": 1001},
        {"page_token": "nonsense!"},
    ):
        refused(api("GET", "/registered-models/search", query=query), 400, "INVALID_PARAMETER_VALUE")


@check("versions are searched by model, run, source, number and tag")
def search_versions():
    name, id = model(), run()
    client.create_model_version(name, "s3://b/one", id, {"k": "1"})
    client.create_model_version(name, "s3://b/two", None, {"k": "2"})
    client.create_model_version(name, "s3://b/three")
    numbers = lambda filter, **more: [
        v.version for v in client.search_model_versions(f"name = '{name}'" + filter, **more)
    ]  # noqa: E731
    eq(sorted(numbers("")), ["1", "2", "3"])
    eq(numbers(f" AND run_id = '{id}'"), ["1"])
    eq(numbers(f" AND run_id IN ('{id}', '{'a' * 32}')"), ["1"])
    eq(numbers(" AND source_path = 's3://b/two'"), ["2"])
    eq(numbers(" AND source_path LIKE '%/t%'", order_by=["version_number ASC"]), ["2", "3"])
    eq(numbers(" AND version_number > 1", order_by=["version_number DESC"]), ["3", "2"])
    eq(numbers(" AND tags.k = '2'"), ["2"])
    eq(numbers("", order_by=["version_number"], max_results=2), ["1", "2"])
    eq([v.version for v in client.search_model_versions(f"run_id = '{id}'")], ["1"])


@check("found versions come newest changed first")
def search_versions_order():
    name = model(versions=3)
    client.update_model_version(name, "1", "changed")
    eq([v.version for v in client.search_model_versions(f"name = '{name}'")][0], "1")


@check("bad searches of versions are 400")
def search_versions_bad():
    for query in (
        {"filter": "color = 'x'"},
        {"filter": "name = 'a' OR name = 'b'"},
        {"filter": "version_number = 'x'"},
        {"order_by": ["color"]},
        {"max_results": 200001},
    ):
        refused(api("GET", "/model-versions/search", query=query), 400, "INVALID_PARAMETER_VALUE")


@check("a deleted version is found no more, and takes no writes")
def deleted_version():
    name = model(versions=1)
    client.delete_model_version(name, "1")
    eq(list(client.search_model_versions(f"name = '{name}'")), [])
    for write in (
        lambda: client.update_model_version(name, "1", "x"),
        lambda: client.transition_model_version_stage(name, "1", "Staging"),
        lambda: client.set_model_version_tag(name, "1", "k", "v"),
        lambda: client.delete_model_version(name, "1"),
    ):
        raises("RESOURCE_DOES_NOT_EXIST", "not found", write)


@check("a model version's file is answered for the console")
def version_artifact():
    id = run()
    client.log_artifact(id, file("f.txt", "hi"), "model")
    name = model()
    client.create_model_version(name, client.get_run(id).info.artifact_uri + "/model", id)
    got = send("GET", "/model-versions/get-artifact", query={"name": name, "version": 1, "path": "f.txt"})
    eq((got.status, got.body), (200, b"hi"))
    refused(
        send("GET", "/model-versions/get-artifact", query={"name": name, "version": 1, "path": "../x"}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Invalid path",
    )


@check("16 promotions at once leave one Production", better="MLflow leaves several now and then")
def promotions_at_once():
    import concurrent.futures

    name = model(versions=8)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(
            pool.map(
                lambda i: client.transition_model_version_stage(
                    name, str(i % 8 + 1), "Production", archive_existing_versions=True
                ),
                range(32),
            )
        )
    eq(list(stages(name).values()).count("Production"), 1)
