"""Webhooks, received by a listener of this program, and prompts, which are tagged models."""

import base64
import hashlib
import hmac
import http.server
import json
import re
import threading

import mlflow
from mlflow.exceptions import MlflowException

from harness import VERSION, api, check, client, contains, eq, eventually, fresh, ok, raises, refused, that


class Listener:
    """A server on loopback that keeps what it is sent."""

    def __init__(self, answers=()):
        self.got = []
        outer, answers = self, list(answers)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(answers.pop(0) if answers else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()

    def bodies(self, entity=None, action=None):
        found = [json.loads(body) for _, body in self.got]
        return [b for b in found if entity in (None, b["entity"]) and action in (None, b["action"])]


def signature(secret, id, at, body):
    digest = hmac.new(secret.encode(), f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


class hook:
    """A webhook for as long as the block lasts."""

    def __init__(self, url, *events, **named):
        self.made = client.create_webhook(fresh("hook"), url, list(events), **named)

    def __enter__(self):
        return self.made

    def __exit__(self, *_):
        client.delete_webhook(self.made.webhook_id)


# A test of a webhook answers at once, so that it is the first to show that calls get through.


@check("a webhook is made, read, listed, changed and deleted", since="3.3")
def webhook_life():
    made = client.create_webhook(
        fresh("hook"),
        "https://1.1.1.1/hook",
        ["registered_model.created", "model_version.created"],
        description="words",
        secret="s3cret",
    )
    id = made.webhook_id
    eq(
        (sorted(str(e) for e in made.events), made.status.value, made.description),
        (["model_version.created", "registered_model.created"], "ACTIVE", "words"),
    )
    eq(client.get_webhook(id).url, "https://1.1.1.1/hook")
    listed, token = [], None
    while True:
        page = client.list_webhooks(max_results=2, page_token=token)
        listed += [w.webhook_id for w in page]
        token = page.token
        if not token:
            break
    contains(listed, id)
    client.update_webhook(
        id,
        name=fresh("hook"),
        description="others",
        status="DISABLED",
        events=["model_version_alias.created"],
    )
    found = client.get_webhook(id)
    eq(
        (found.description, found.status.value, [str(e) for e in found.events]),
        ("others", "DISABLED", ["model_version_alias.created"]),
    )
    client.delete_webhook(id)
    raises("RESOURCE_DOES_NOT_EXIST", "", client.get_webhook, id)


@check("the secret of a webhook is never answered", since="3.3")
def webhook_secret():
    made = client.create_webhook(
        fresh("hook"), "https://1.1.1.1/hook", ["model_version.created"], secret="do-not-tell"
    )
    for answer in (api("GET", f"/webhooks/{made.webhook_id}"), api("GET", "/webhooks")):
        ok(answer)
        that("do-not-tell" not in answer.text, "the secret is told")
    client.delete_webhook(made.webhook_id)


@check("bad webhooks are refused", since="3.3")
def webhook_bad():
    event = [{"entity": "MODEL_VERSION", "action": "CREATED"}]
    for body in (
        {"url": "https://1.1.1.1/", "events": event},
        {"name": "has blank", "url": "https://1.1.1.1/", "events": event},
        {"name": fresh("h"), "events": event},
        {"name": fresh("h"), "url": "ftp://example.com/", "events": event},
        {"name": fresh("h"), "url": "no address", "events": event},
        {"name": fresh("h"), "url": "https://1.1.1.1/", "events": []},
        {
            "name": fresh("h"),
            "url": "https://1.1.1.1/",
            "events": [{"entity": "REGISTERED_MODEL", "action": "DELETED"}],
        },
    ):
        refused(api("POST", "/webhooks", body), 400, "INVALID_PARAMETER_VALUE")


@check("an unknown webhook is 404", since="3.3")
def webhook_unknown():
    refused(api("GET", "/webhooks/nothing-here"), 404, "RESOURCE_DOES_NOT_EXIST")


@check("a test of a webhook arrives and tells the listener's answer", since="3.3")
def webhook_test():
    with Listener() as listener, hook(listener.url, "model_version.created") as made:
        result = client.test_webhook(made.webhook_id)
        eq((result.success, result.response_status), (True, 200))
        eq((listener.bodies()[0]["entity"], listener.bodies()[0]["action"]), ("model_version", "created"))


@check("a test of a webhook that is refused says so", since="3.3")
def webhook_test_fails():
    with Listener([404] * 9) as listener, hook(listener.url, "model_version.created") as made:
        result = client.test_webhook(made.webhook_id)
        eq((result.success, result.response_status), (False, 404))


@check("events of the registry arrive, each once, with what happened", since="3.3")
def webhook_events():
    events = (
        "registered_model.created",
        "model_version.created",
        "model_version_tag.set",
        "model_version_tag.deleted",
        "model_version_alias.created",
        "model_version_alias.deleted",
    )
    with Listener() as listener, hook(listener.url, *events):
        name = fresh("model")
        client.create_registered_model(name, {"k": "v"}, "words")
        client.create_model_version(name, "s3://b/x", description="one")
        client.set_model_version_tag(name, "1", "t", "v")
        client.set_registered_model_alias(name, "champion", "1")
        client.delete_model_version_tag(name, "1", "t")
        client.delete_registered_model_alias(name, "champion")
        eventually(lambda: len([b for b in listener.bodies() if b["data"]["name"] == name]) >= 6)
        mine = {(b["entity"], b["action"]): b["data"] for b in listener.bodies() if b["data"]["name"] == name}
        eq(sorted(".".join(key) for key in mine), sorted(events))
        eq(
            (mine["registered_model", "created"]["description"], mine["registered_model", "created"]["tags"]),
            ("words", {"k": "v"}),
        )
        made = mine["model_version", "created"]
        eq((made["version"], made["source"], made["description"]), ("1", "s3://b/x", "one"))
        tag = mine["model_version_tag", "set"]
        eq((tag["version"], tag["key"], tag["value"]), ("1", "t", "v"))
        eq(
            (
                mine["model_version_alias", "created"]["alias"],
                mine["model_version_alias", "created"]["version"],
            ),
            ("champion", "1"),
        )
        that(
            re.match(r"\d{4}-\d\d-\d\dT", listener.bodies()[0]["timestamp"]),
            listener.bodies()[0]["timestamp"],
        )


@check("a webhook is signed with its secret, and each delivery has an id", since="3.3")
def webhook_signed():
    with Listener() as listener, hook(listener.url, "registered_model.created", secret="top secret"):
        client.create_registered_model(fresh("model"))
        client.create_registered_model(fresh("model"))
        eventually(lambda: len(listener.got) >= 2)
        for headers, body in listener.got:
            id, at = headers["x-mlflow-delivery-id"], headers["x-mlflow-timestamp"]
            eq(headers["x-mlflow-signature"], signature("top secret", id, at, body))
        that(
            listener.got[0][0]["x-mlflow-delivery-id"] != listener.got[1][0]["x-mlflow-delivery-id"],
            "one id for two deliveries",
        )


@check("a webhook is told what it asked for, and nothing while disabled", since="3.3")
def webhook_only_asked():
    with Listener() as listener, Listener() as other, hook(listener.url, "model_version.created"), hook(
        other.url, "registered_model.created"
    ) as off:
        client.update_webhook(off.webhook_id, status="DISABLED")
        name = fresh("model")
        client.create_registered_model(name)
        client.create_model_version(name, "s3://b/x")
        eventually(lambda: listener.got)
        eq([b["entity"] for b in listener.bodies()], ["model_version"])
        eq(other.got, [])


@check("a webhook whose listener is busy is sent again", since="3.3")
def webhook_again():
    with Listener([503, 200]) as listener, hook(listener.url, "registered_model.created"):
        client.create_registered_model(fresh("model"))
        eventually(lambda: len(listener.got) >= 2, 20)


@check(
    "a webhook to a private address is refused, or not sent",
    since="3.3",
    better="MLflow guards only in its newest versions",
)
def webhook_private():
    try:
        made = client.create_webhook(fresh("hook"), "http://10.255.255.1/hook", ["registered_model.created"])
    except MlflowException as e:
        eq(e.error_code, "INVALID_PARAMETER_VALUE")
        return
    eq(client.test_webhook(made.webhook_id).success, False)
    client.delete_webhook(made.webhook_id)


# --- prompts --------------------------------------------------------------------------------------


def prompts():
    """The face of prompts: under mlflow.genai since 3.0, at the top before."""
    return mlflow.genai if VERSION >= (3,) else mlflow


@check("a prompt is registered, loaded and versioned", since="2.21")
def prompt_life():
    name = fresh("prompt")
    prompts().register_prompt(name=name, template="Say {{word}}.", commit_message="first", tags={"k": "v"})
    second = prompts().register_prompt(name=name, template="Say {{word}}, please.", commit_message="second")
    eq(int(second.version), 2)
    found = prompts().load_prompt(name, version=1) if VERSION >= (3,) else mlflow.load_prompt(name, 1)
    eq((found.template, found.commit_message), ("Say {{word}}.", "first"))
    eq(found.format(word="yes"), "Say yes.")


@check("a prompt is loaded by its alias", since="2.21")
def prompt_alias():
    name = fresh("prompt")
    prompts().register_prompt(name=name, template="one {{x}}")
    prompts().register_prompt(name=name, template="two {{x}}")
    prompts().set_prompt_alias(name, alias="best", version=1)
    eq(prompts().load_prompt(f"prompts:/{name}@best").template, "one {{x}}")


@check("models and prompts are found apart", since="2.21")
def prompt_hidden():
    name = fresh("prompt")
    prompts().register_prompt(name=name, template="one {{x}}")
    eq(list(client.search_registered_models(f"name = '{name}'")), [])
    eq(ok(api("GET", "/registered-models/search", query={"filter": f"name = '{name}'"})), {})
    found = ok(
        api(
            "GET",
            "/registered-models/search",
            query={"filter": f"name = '{name}' AND tags.`mlflow.prompt.is_prompt` = 'true'"},
        )
    )
    eq([m["name"] for m in found["registered_models"]], [name])
    eq(ok(api("GET", "/model-versions/search", query={"filter": f"name = '{name}'"})), {})


@check("prompts are searched", since="3.0")
def prompt_search():
    name = fresh("prompt")
    prompts().register_prompt(name=name, template="one {{x}}")
    found = client.search_prompts(filter_string=f"name = '{name}'")
    eq([p.name for p in found], [name])


@check("a model does not take a prompt's name", since="2.21")
def prompt_name():
    name = fresh("prompt")
    prompts().register_prompt(name=name, template="one {{x}}")
    answer = api("POST", "/registered-models/create", {"name": name})
    refused(answer, 400, "RESOURCE_ALREADY_EXISTS")
