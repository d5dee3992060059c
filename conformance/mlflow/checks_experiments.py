"""Experiments: their life, names, tags and search, by the client and the fluent face."""

import mlflow
from mlflow.entities import ViewType

from harness import (
    api,
    check,
    client,
    contains,
    eq,
    experiment,
    fresh,
    matches,
    ok,
    raises,
    refused,
    run,
    that,
)


@check("experiment 0 is 'Default' and active from the beginning")
def default_exists():
    found = client.get_experiment("0")
    eq(found.name, "Default")
    eq(found.lifecycle_stage, "active")


@check("the id of a new experiment is a decimal integer as text")
def id_is_decimal():
    matches(experiment(), r"^[1-9][0-9]*$")


@check("a new experiment is read by id and by name")
def read_both_ways():
    name = fresh("exp")
    id = client.create_experiment(name)
    eq(client.get_experiment(id).name, name)
    eq(client.get_experiment_by_name(name).experiment_id, id)


@check("an experiment knows when it was made and last changed")
def knows_times():
    id = experiment()
    made = client.get_experiment(id)
    that(made.creation_time > 1_600_000_000_000, f"creation_time {made.creation_time}")
    client.rename_experiment(id, fresh("later"))
    now = client.get_experiment(id)
    eq(now.creation_time, made.creation_time)
    that(now.last_update_time >= made.last_update_time, "last_update_time goes back")


@check("an experiment made with tags has them")
def made_with_tags():
    id = experiment(tags={"team": "churn", "kind": "a b"})
    eq(client.get_experiment(id).tags, {"team": "churn", "kind": "a b"})


@check("an experiment keeps the artifact location it was given")
def keeps_location():
    id = experiment(artifact_location="mlflow-artifacts:/elsewhere/x")
    eq(client.get_experiment(id).artifact_location, "mlflow-artifacts:/elsewhere/x")


@check("by default an experiment's artifacts go through the server")
def default_location():
    id = experiment()
    eq(client.get_experiment(id).artifact_location, f"mlflow-artifacts:/{id}")


@check("an experiment's name is taken once")
def name_once():
    name = fresh("exp")
    client.create_experiment(name)
    raises(
        "RESOURCE_ALREADY_EXISTS",
        r"Experiment\(name=" + name + r"\) already exists",
        client.create_experiment,
        name,
    )


@check("a deleted experiment keeps its name")
def deleted_keeps_name():
    name = fresh("exp")
    client.delete_experiment(client.create_experiment(name))
    raises("RESOURCE_ALREADY_EXISTS", "already exists", client.create_experiment, name)


@check("an experiment without a name is refused")
def needs_name():
    refused(
        api("POST", "/experiments/create", {}),
        400,
        "INVALID_PARAMETER_VALUE",
        "Missing value for required parameter 'name'",
    )


@check("an experiment with an empty name is refused by the client or the server")
def empty_name():
    raises(
        "INVALID_PARAMETER_VALUE",
        "Invalid experiment name|Missing value for required parameter 'name'",
        client.create_experiment,
        "",
    )


@check("an experiment's name of more than 500 characters is refused", since="2.10")
def name_too_long():
    answer = api("POST", "/experiments/create", {"name": "x" * 501})
    refused(answer, 400, "INVALID_PARAMETER_VALUE", "exceeds the maximum length of 500 characters")


@check("an unknown experiment is 404")
def unknown_id():
    raises(
        "RESOURCE_DOES_NOT_EXIST",
        r"No Experiment with id=123456789 exists",
        client.get_experiment,
        "123456789",
    )


@check("an unknown experiment's name is none for the client and 404 on the wire")
def unknown_name():
    eq(client.get_experiment_by_name(fresh("nothing")), None)
    answer = api("GET", "/experiments/get-by-name", query={"experiment_name": fresh("nothing")})
    refused(answer, 404, "RESOURCE_DOES_NOT_EXIST", "Could not find experiment with name")


@check("an experiment is renamed")
def rename():
    id, name = experiment(), fresh("renamed")
    client.rename_experiment(id, name)
    eq(client.get_experiment(id).name, name)
    eq(client.get_experiment_by_name(name).experiment_id, id)


@check("an experiment is not renamed to a name that is taken")
def rename_taken():
    id, name = experiment(), fresh("taken")
    client.create_experiment(name)
    answer = api("POST", "/experiments/update", {"experiment_id": id, "new_name": name})
    that(answer.status in (400, 500), f"status {answer.status}")
    that(client.get_experiment(id).name != name, "it was renamed")


@check("renaming to a taken name is 400", better="MLflow lets the database's error out, some versions as 500")
def rename_taken_is_400():
    id, name = experiment(), fresh("taken")
    client.create_experiment(name)
    refused(
        api("POST", "/experiments/update", {"experiment_id": id, "new_name": name}),
        400,
        "RESOURCE_ALREADY_EXISTS",
        "already exists",
    )


@check("a deleted experiment is still read, and marked")
def delete_is_soft():
    id = experiment()
    client.delete_experiment(id)
    eq(client.get_experiment(id).lifecycle_stage, "deleted")


@check("deleting an experiment deletes its runs, restoring restores them")
def delete_cascades():
    id = experiment()
    one = run(id)
    client.delete_experiment(id)
    eq(client.get_run(one).info.lifecycle_stage, "deleted")
    client.restore_experiment(id)
    eq(client.get_experiment(id).lifecycle_stage, "active")
    eq(client.get_run(one).info.lifecycle_stage, "active")


@check("deleting a deleted experiment is 404")
def delete_twice():
    id = experiment()
    client.delete_experiment(id)
    raises("RESOURCE_DOES_NOT_EXIST", "No Experiment with id=", client.delete_experiment, id)


@check("deleting an unknown experiment is 404")
def delete_unknown():
    raises("RESOURCE_DOES_NOT_EXIST", "No Experiment with id=", client.delete_experiment, "123456789")


@check("restoring an active experiment is 404")
def restore_active():
    raises("RESOURCE_DOES_NOT_EXIST", "No Experiment with id=", client.restore_experiment, experiment())


@check("a deleted experiment is not renamed")
def rename_deleted():
    id = experiment()
    before = client.get_experiment(id).name
    client.delete_experiment(id)
    answer = api("POST", "/experiments/update", {"experiment_id": id, "new_name": fresh("no")})
    that(answer.status >= 400, f"status {answer.status}")
    eq(client.get_experiment(id).name, before)


@check("experiment tags are set, replaced and empty")
def tags():
    id, other = experiment(), experiment()
    client.set_experiment_tag(id, "dataset", "one")
    client.set_experiment_tag(id, "dataset", "two")
    client.set_experiment_tag(id, "empty", "")
    client.set_experiment_tag(id, "lines", "a\nb\nc")
    eq(client.get_experiment(id).tags, {"dataset": "two", "empty": "", "lines": "a\nb\nc"})
    eq(client.get_experiment(other).tags, {})


@check("an experiment's tag is deleted", since="3.0")
def delete_tag():
    id = experiment(tags={"a": "1", "b": "2"})
    client.delete_experiment_tag(id, "a")
    eq(client.get_experiment(id).tags, {"b": "2"})


@check("deleting an experiment's tag that is not there is 404", since="3.0")
def delete_absent_tag():
    raises(
        "RESOURCE_DOES_NOT_EXIST", "No tag with name", client.delete_experiment_tag, experiment(), "absent"
    )


@check("an experiment's tag key of more than 250 characters is refused")
def tag_too_long():
    answer = api(
        "POST",
        "/experiments/set-experiment-tag",
        {"experiment_id": experiment(), "key": "k" * 251, "value": "v"},
    )
    refused(answer, 400, "INVALID_PARAMETER_VALUE", "250")


@check("a deleted experiment takes no tags")
def tag_deleted():
    id = experiment()
    client.delete_experiment(id)
    raises(
        "INVALID_PARAMETER_VALUE", "must be in the 'active' state", client.set_experiment_tag, id, "k", "v"
    )


def three():
    """Three experiments of one tag, oldest first: ids and the tag."""
    mark = fresh("mark")
    return [client.create_experiment(f"{mark}-{c}", tags={"mark": mark, "c": c}) for c in "bac"], mark


@check("experiments are searched by name and tag")
def search():
    ids, mark = three()
    found = client.search_experiments(filter_string=f"name = '{mark}-a'")
    eq([e.experiment_id for e in found], [ids[1]])
    found = client.search_experiments(filter_string=f"tags.mark = '{mark}' AND tags.c != 'a'")
    eq({e.experiment_id for e in found}, {ids[0], ids[2]})
    found = client.search_experiments(filter_string=f"name LIKE '{mark}-%' and tag.c = 'c'")
    eq([e.experiment_id for e in found], [ids[2]])
    found = client.search_experiments(filter_string=f"attribute.name ILIKE '{mark.upper()}-A'")
    eq([e.experiment_id for e in found], [ids[1]])


@check("LIKE on experiments minds case")
def search_case():
    _, mark = three()
    eq(list(client.search_experiments(filter_string=f"name LIKE '{mark.upper()}-%'")), [])


@check("experiments are searched by time")
def search_by_time():
    ids, mark = three()
    at = client.get_experiment(ids[0]).creation_time
    found = client.search_experiments(filter_string=f"creation_time >= {at} AND tags.mark = '{mark}'")
    eq(len(found), 3)
    eq(list(client.search_experiments(filter_string=f"last_update_time < {at} AND tags.mark = '{mark}'")), [])


@check("found experiments come newest first, or as asked")
def search_order():
    ids, mark = three()
    only = f"tags.mark = '{mark}'"
    found = client.search_experiments(filter_string=only)
    eq([e.creation_time for e in found], sorted((e.creation_time for e in found), reverse=True))
    for order, want in (
        (["name"], [1, 0, 2]),
        (["name DESC"], [2, 0, 1]),
        (["experiment_id ASC"], [0, 1, 2]),
        (["experiment_id desc"], [2, 1, 0]),
    ):
        found = client.search_experiments(filter_string=only, order_by=order)
        eq([e.experiment_id for e in found], [ids[i] for i in want], str(order))


@check("found experiments come in pages")
def search_pages():
    ids, mark = three()
    first = client.search_experiments(filter_string=f"tags.mark = '{mark}'", order_by=["name"], max_results=2)
    eq([e.experiment_id for e in first], [ids[1], ids[0]])
    that(first.token, "no token though there is more")
    second = client.search_experiments(
        filter_string=f"tags.mark = '{mark}'", order_by=["name"], max_results=2, page_token=first.token
    )
    eq([e.experiment_id for e in second], [ids[2]])
    that(not second.token, "a token though there is no more")


@check("a full last page of experiments has no token")
def search_exact_page():
    _, mark = three()
    page = client.search_experiments(filter_string=f"tags.mark = '{mark}'", max_results=3)
    eq((len(page), page.token or None), (3, None))


@check("a view shows active, deleted or all experiments")
def search_views():
    ids, mark = three()
    client.delete_experiment(ids[0])
    only = f"tags.mark = '{mark}'"
    for view, want in ((ViewType.ACTIVE_ONLY, 2), (ViewType.DELETED_ONLY, 1), (ViewType.ALL, 3)):
        eq(len(client.search_experiments(view_type=view, filter_string=only)), want, ViewType.to_string(view))


@check("a search of experiments by GET answers as by POST")
def search_by_get():
    _, mark = three()
    query = {"filter": f"tags.mark = '{mark}'", "max_results": 2, "order_by": ["name DESC"]}
    got = ok(api("GET", "/experiments/search", query=query))
    posted = ok(api("POST", "/experiments/search", query))
    eq([e["name"] for e in got["experiments"]], [e["name"] for e in posted["experiments"]])
    contains(got, "next_page_token")


@check("bad searches of experiments are 400")
def search_bad():
    for body, part in (
        ({"filter": "color = 'red'", "max_results": 5}, "Invalid attribute key"),
        ({"filter": "name = 'a' OR name = 'b'", "max_results": 5}, "Invalid"),
        ({"filter": "name", "max_results": 5}, "Invalid"),
        ({"order_by": ["color"], "max_results": 5}, "Invalid order_by"),
        ({"max_results": 50001}, "Invalid value for max_results"),
    ):
        answer = api("POST", "/experiments/search", body)
        refused(answer, 400, "INVALID_PARAMETER_VALUE")
        that(part.lower()[:7] in answer.text.lower(), f"{body}: {answer.text}")


@check("set_experiment makes what is not there and finds it again")
def set_experiment():
    name = fresh("fluent")
    made = mlflow.set_experiment(name)
    eq(made.name, name)
    eq(mlflow.set_experiment(name).experiment_id, made.experiment_id)
    with mlflow.start_run() as active:
        eq(active.info.experiment_id, made.experiment_id)
    mlflow.set_experiment(experiment_id="0")


@check("set_experiment refuses a deleted experiment")
def set_deleted():
    name = fresh("fluent")
    client.delete_experiment(client.create_experiment(name))
    raises("INVALID_PARAMETER_VALUE", "Cannot set a deleted experiment", mlflow.set_experiment, name)


@check("mlflow.search_experiments reads every page")
def fluent_search():
    _, mark = three()
    eq(len(mlflow.search_experiments(filter_string=f"tags.mark = '{mark}'")), 3)
