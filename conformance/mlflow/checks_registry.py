"""The registry: models and versions, their fields, tags and sources."""

import mlflow

from harness import api, check, client, eq, experiment, file, fresh, ok, raises, refused, run, that


def model(versions=0, **named):
    """A new registered model with so many versions: its name."""
    name = fresh("model")
    client.create_registered_model(name, **named)
    for _ in range(versions):
        version(name)
    return name


def version(name, **named):
    """A new version of a model: its number as text."""
    id = run()
    return client.create_model_version(name, source(id), id, **named).version


def source(id, path="model"):
    """A place among the artifacts of a run."""
    return f"{client.get_run(id).info.artifact_uri}/{path}"


def stages(name):
    return {v.version: v.current_stage for v in client.search_model_versions(f"name = '{name}'")}


# --- models ---------------------------------------------------------------------------------------


@check("a registered model is made and read")
def create():
    name = fresh("model")
    made = client.create_registered_model(name, {"k": "v"}, "what it is")
    found = client.get_registered_model(name)
    eq((found.name, found.description, found.tags), (name, "what it is", {"k": "v"}))
    that(found.creation_timestamp > 1_600_000_000_000, "no creation time")
    eq(made.creation_timestamp, found.creation_timestamp)
    eq((found.latest_versions, found.aliases), ([], {}))


@check("a registered model's name is taken once")
def create_twice():
    name = model()
    raises(
        "RESOURCE_ALREADY_EXISTS",
        rf"Registered Model \(name={name}\) already exists",
        client.create_registered_model,
        name,
    )


@check("names of models may have blanks, dots and letters of any script")
def odd_names():
    for name in (fresh("with blank"), fresh("dots.and-dashes_"), fresh("漢字"), fresh("it's")):
        client.create_registered_model(name)
        eq(client.get_registered_model(name).name, name)


@check("names of models with a slash, a colon or nothing are refused")
def bad_names():
    for name in ("a/b", "a:b", ""):
        answer = api("POST", "/registered-models/create", {"name": name})
        refused(answer, 400, "INVALID_PARAMETER_VALUE")
    refused(
        api("POST", "/registered-models/create", {}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Missing value for required parameter 'name'",
    )


@check("an unknown registered model is 404")
def unknown():
    raises(
        "RESOURCE_DOES_NOT_EXIST",
        "Registered Model with name=nothing-here not found",
        client.get_registered_model,
        "nothing-here",
    )


@check("a registered model's description is changed")
def update():
    name = model()
    before = client.get_registered_model(name).last_updated_timestamp
    client.update_registered_model(name, "new words")
    found = client.get_registered_model(name)
    eq(found.description, "new words")
    that(found.last_updated_timestamp >= before, "last_updated_timestamp goes back")


@check("a rename takes the versions along")
def rename():
    name, later = model(versions=2), fresh("renamed")
    client.rename_registered_model(name, later)
    eq(client.get_registered_model(later).name, later)
    eq({v.version for v in client.search_model_versions(f"name = '{later}'")}, {"1", "2"})
    raises("RESOURCE_DOES_NOT_EXIST", "not found", client.get_registered_model, name)


@check("a rename to a taken name is refused")
def rename_taken():
    name, taken = model(), model()
    raises("RESOURCE_ALREADY_EXISTS", "already exists", client.rename_registered_model, name, taken)


@check("a registered model is deleted with its versions, and its name is free")
def delete():
    name = model(versions=2)
    client.delete_registered_model(name)
    raises("RESOURCE_DOES_NOT_EXIST", "not found", client.get_registered_model, name)
    eq(list(client.search_model_versions(f"name = '{name}'")), [])
    client.create_registered_model(name)
    eq(version(name), "1")


@check("deleting, changing and renaming an unknown model is 404")
def unknown_writes():
    for write in (
        lambda: client.delete_registered_model("nothing-here"),
        lambda: client.update_registered_model("nothing-here", "x"),
        lambda: client.rename_registered_model("nothing-here", fresh()),
        lambda: client.set_registered_model_tag("nothing-here", "k", "v"),
        lambda: client.create_model_version("nothing-here", "s3://bucket/x"),
    ):
        raises("RESOURCE_DOES_NOT_EXIST", "Registered Model with name=nothing-here not found", write)


@check("a model's tags are set, replaced and deleted, and deleting twice is well")
def model_tags():
    name = model(tags={"a": "1"})
    client.set_registered_model_tag(name, "a", "2")
    client.set_registered_model_tag(name, "b", "")
    eq(client.get_registered_model(name).tags, {"a": "2", "b": ""})
    client.delete_registered_model_tag(name, "a")
    client.delete_registered_model_tag(name, "a")
    eq(client.get_registered_model(name).tags, {"b": ""})


@check("a model's tag may have 10,000 characters")
def long_tag():
    name = model()
    client.set_registered_model_tag(name, "k", "x" * 10_000)
    eq(len(client.get_registered_model(name).tags["k"]), 10_000)


# --- versions -------------------------------------------------------------------------------------


@check("versions are numbered 1, 2, 3 and are READY at once")
def numbered():
    name = model()
    eq([version(name) for _ in range(3)], ["1", "2", "3"])
    found = client.get_model_version(name, "2")
    eq((found.status, found.current_stage, found.name), ("READY", "None", name))


@check("a version keeps source, run, description, tags and link")
def version_fields():
    name, id = model(), run()
    made = client.create_model_version(name, source(id), id, {"k": "v"}, "http://x/y", "words")
    found = client.get_model_version(name, made.version)
    eq(
        (found.source, found.run_id, found.description, found.tags, found.run_link),
        (source(id), id, "words", {"k": "v"}, "http://x/y"),
    )


@check("the number of a deleted version is not used again")
def deleted_number():
    name = model(versions=2)
    client.delete_model_version(name, "1")
    raises("RESOURCE_DOES_NOT_EXIST", "not found", client.get_model_version, name, "1")
    eq(version(name), "3")
    eq(sorted(stages(name)), ["2", "3"])


@check("an unknown version is 404, a version that is no number is refused")
def unknown_version():
    name = model(versions=1)
    raises(
        "RESOURCE_DOES_NOT_EXIST",
        rf"Model Version \(name={name}, version=9\) not found",
        client.get_model_version,
        name,
        "9",
    )
    refused(
        api("GET", "/model-versions/get", query={"name": name, "version": "x"}),
        400,
        "INVALID_PARAMETER_VALUE",
        "integer",
    )


@check("a version's description is changed")
def update_version():
    name = model(versions=1)
    client.update_model_version(name, "1", "later words")
    eq(client.get_model_version(name, "1").description, "later words")


@check("a version's tags are set, replaced and deleted")
def version_tags():
    name = model(versions=1)
    client.set_model_version_tag(name, "1", "a", "1")
    client.set_model_version_tag(name, "1", "a", "2")
    client.set_model_version_tag(name, "1", "b", "3")
    client.delete_model_version_tag(name, "1", "b")
    client.delete_model_version_tag(name, "1", "b")
    eq(client.get_model_version(name, "1").tags, {"a": "2"})


@check("get-download-uri answers the place of the files")
def download_uri():
    name, id = model(), run()
    made = client.create_model_version(name, source(id), id)
    eq(client.get_model_version_download_uri(name, made.version), source(id))


@check("a source on the server's own disk is refused")
def local_source():
    name = model()
    for bad in ("/etc", "file:///etc/passwd", "/tmp/../etc", "./x"):
        answer = api("POST", "/model-versions/create", {"name": name, "source": bad})
        refused(answer, 400, "INVALID_PARAMETER_VALUE", "model version source")


@check("a source that climbs out is refused, one that does not is taken")
def climbing_source():
    name = model()
    for good in (
        "s3://bucket/path",
        "s3://bucket/path/foo///bar",
        "gs://bucket/models/",
        "s3://bucket/models/artifact/..../",
    ):
        ok(api("POST", "/model-versions/create", {"name": name, "source": good}))
    for bad in (
        "mlflow-artifacts://host:9000/models/../../../",
        "http://host:9000/models/../../../",
        "s3a://my_bucket/x/../../../",
        "mlflow-artifacts://host:9000/models/..%2f..%2fartifacts",
        "mlflow-artifacts://host:9000/models/artifact%00",
    ):
        refused(
            api("POST", "/model-versions/create", {"name": name, "source": bad}),
            400,
            "INVALID_PARAMETER_VALUE",
        )


@check("a version without source is refused")
def no_source():
    refused(
        api("POST", "/model-versions/create", {"name": model()}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Missing value for required parameter 'source'",
    )


@check("register_model takes a run's artifacts and waits until READY")
def register():
    mlflow.set_experiment(experiment_id=experiment())
    with mlflow.start_run() as active:
        mlflow.log_artifact(file("MLmodel", "artifact_path: things\nflavors: {}\n"), "things")
    name = fresh("model")
    made = mlflow.register_model(f"runs:/{active.info.run_id}/things", name, tags={"k": "v"})
    eq((made.version, made.run_id, made.status), ("1", active.info.run_id, "READY"))
    eq(client.get_model_version(name, "1").tags, {"k": "v"})
    eq(mlflow.register_model(f"runs:/{active.info.run_id}/things", name).version, "2")
