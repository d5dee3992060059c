package dev.orrery.registry;

import dev.orrery.access.Permission;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.mlflow.Answer;
import dev.orrery.mlflow.Message;
import dev.orrery.mlflow.PageToken;
import dev.orrery.mlflow.Wire;
import dev.orrery.sql.Db;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// `/mlflow/webhooks`.
final class MlflowWebhooks {
  private static final String HOOKS = "/mlflow/webhooks";
  private static final String HOOK = HOOKS + "/{webhook_id}";
  private static final int PAGE = 100;
  private static final int PAGE_MAX = 1_000;

  private MlflowWebhooks() {}

  static void add(Wire wire, Db db, Webhooks hooks) {
    wire.write(
        "POST",
        HOOKS,
        Permission.OPERATE,
        (message, tx) -> {
          message.required("name");
          if (message.text("url") == null) throw message.missing("url");
          if (message.messages("events").isEmpty()) throw message.missing("events");
          return one(hooks.create(tx, asked(message)));
        });
    wire.read("GET", HOOKS, message -> list(message, db, hooks));
    wire.read(
        "GET", HOOK, message -> one(db.read(tx -> hooks.get(tx, message.required("webhook_id")))));
    wire.write(
        "PATCH",
        HOOK,
        Permission.OPERATE,
        (message, tx) -> one(hooks.update(tx, message.required("webhook_id"), asked(message))));
    wire.write(
        "DELETE",
        HOOK,
        Permission.OPERATE,
        (message, tx) -> {
          hooks.delete(tx, message.required("webhook_id"));
          return Answer.of();
        });
    wire.act("POST", HOOK + "/test", Permission.OPERATE, message -> test(message, db, hooks));
  }

  private static Object list(Message message, Db db, Webhooks hooks) {
    int limit = message.size("max_results", PAGE, 1, PAGE_MAX);
    long offset = PageToken.offset(message.text("page_token"));
    List<Webhook> found = db.read(tx -> hooks.list(tx, limit + 1, offset));
    boolean more = found.size() > limit;
    return Answer.of("webhooks", found.stream().limit(limit).map(MlflowWebhooks::answer).toList())
        .put("next_page_token", more ? PageToken.of(offset + limit) : null);
  }

  private static Object test(Message message, Db db, Webhooks hooks) {
    Webhook hook = db.read(tx -> hooks.get(tx, message.required("webhook_id")));
    Message wanted = message.message("event");
    String event = wanted == null ? hook.events().getFirst() : event(wanted);
    Answer result;
    try {
      var reply = hooks.test(hook, event);
      result =
          Answer.of("success", reply.status() < 400)
              .put("response_status", reply.status())
              .put("response_body", reply.text());
    } catch (Problem e) {
      result =
          Answer.of("success", false).put("error_message", "Failed to test webhook: " + e.what());
    }
    return Answer.of("result", result);
  }

  private static Webhooks.Asked asked(Message message) {
    List<String> events = new ArrayList<>();
    for (Message event : message.messages("events")) events.add(event(event));
    return new Webhooks.Asked(
        message.text("name"),
        message.text("description"),
        message.text("url"),
        events,
        message.text("secret"),
        status(message.text("status")));
  }

  private static Webhook.@Nullable Status status(@Nullable String text) {
    if (text == null || text.isEmpty()) return null;
    for (Webhook.Status status : Webhook.Status.values()) {
      if (status.name().equals(text)) return status;
    }
    throw Webhooks.bad(
        "Invalid webhook status: %s".formatted(Texts.shown(text)), "Give ACTIVE or DISABLED");
  }

  private static String event(Message event) {
    String name = event.required("entity") + "." + event.required("action");
    String lower = name.toLowerCase(Locale.ROOT);
    if (!Webhooks.EVENTS.contains(lower)) {
      throw Webhooks.bad(
          "Invalid action '%s' for entity '%s'"
              .formatted(
                  Texts.shown(event.required("action").toLowerCase(Locale.ROOT)),
                  Texts.shown(event.required("entity").toLowerCase(Locale.ROOT))),
          Texts.didYouMean(lower, Webhooks.EVENTS));
    }
    return lower;
  }

  private static Answer one(Webhook hook) {
    return Answer.of("webhook", answer(hook));
  }

  private static Answer answer(Webhook hook) {
    List<Answer> events = new ArrayList<>();
    for (String event : hook.events()) {
      int dot = event.indexOf('.');
      events.add(
          Answer.of("entity", event.substring(0, dot).toUpperCase(Locale.ROOT))
              .put("action", event.substring(dot + 1).toUpperCase(Locale.ROOT)));
    }
    return Answer.of("webhook_id", hook.id())
        .put("name", hook.name())
        .put("description", hook.description())
        .put("url", hook.url())
        .put("events", events)
        .put("status", hook.status())
        .put("creation_timestamp", hook.createdAt())
        .put("last_updated_timestamp", hook.updatedAt());
  }
}
