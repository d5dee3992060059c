package dev.orrery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Ids;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.jobs.Job;
import dev.orrery.jobs.Jobs;
import dev.orrery.jobs.Lease;
import dev.orrery.jobs.Retry;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import dev.orrery.web.Outbound;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells webhooks what happens to models.
///
/// A delivery is a durable job, made in the transaction of what it tells of: what was rolled back
/// is not told, and what was committed is, also after a kill. It is tried again while the receiver
/// answers 429 or 5xx or not at all, under one delivery id.
final class Webhooks implements ModelEvents {
  /// What can be subscribed to.
  static final List<String> EVENTS =
      List.of(
          "registered_model.created",
          "model_version.created",
          "model_version_tag.set",
          "model_version_tag.deleted",
          "model_version_alias.created",
          "model_version_alias.deleted",
          "prompt.created",
          "prompt_version.created",
          "prompt_tag.set",
          "prompt_tag.deleted",
          "prompt_version_tag.set",
          "prompt_version_tag.deleted",
          "prompt_alias.created",
          "prompt_alias.deleted");

  private static final Logger LOG = LoggerFactory.getLogger(Webhooks.class);
  private static final String JOB = "webhook";
  private static final Retry RETRY = new Retry(6, Duration.ofSeconds(1));
  private static final int DESCRIPTION_MAX = 10_000;
  private static final int SECRET_MAX = 1_000;
  private static final int URL_MAX = 2_000;
  private static final int HOOKS_MAX = 1_000;
  private static final Pattern NAME =
      Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?");
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSxxx").withZone(ZoneOffset.UTC);

  private final Db db;
  private final Jobs jobs;
  private final Outbound outbound;
  private final Seal seal;
  private final InstantSource clock;

  /// @param clock the real one: receivers compare the time of a signature with their own
  Webhooks(Db db, Jobs jobs, Outbound outbound, Seal seal, InstantSource clock) {
    this.db = db;
    this.jobs = jobs;
    this.outbound = outbound;
    this.seal = seal;
    this.clock = clock;
    jobs.handle(JOB, RETRY, this::deliver);
  }

  /// What is asked for; null leaves a field as it is.
  record Asked(
      @Nullable String name,
      @Nullable String description,
      @Nullable String url,
      List<String> events,
      @Nullable String secret,
      Webhook.@Nullable Status status) {}

  Webhook create(Tx tx, Asked asked) {
    Instant now = Instant.ofEpochMilli(clock.millis());
    String url = java.util.Objects.requireNonNull(asked.url());
    String name = java.util.Objects.requireNonNull(asked.name());
    check(name, url, asked.events(), asked);
    if (list(tx, HOOKS_MAX, 0).size() >= HOOKS_MAX) {
      throw bad("there are %d webhooks already".formatted(HOOKS_MAX), "Delete some");
    }
    var hook =
        new Webhook(
            Ids.at(now).toString(),
            name,
            asked.description(),
            url,
            asked.events().stream().distinct().toList(),
            asked.secret(),
            asked.status() == null ? Webhook.Status.ACTIVE : asked.status(),
            now,
            now);
    tx.update(
        """
        insert into webhook
          (id, name, description, url, events, secret, status, created_at, updated_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        hook.id(),
        hook.name(),
        hook.description(),
        hook.url(),
        listed(hook.events()),
        sealed(hook.secret()),
        hook.status(),
        now,
        now);
    return hook;
  }

  Webhook update(Tx tx, String id, Asked asked) {
    Webhook before = get(tx, id);
    Instant now = clock.instant();
    if (!now.isAfter(before.updatedAt())) now = before.updatedAt().plusMillis(1);
    var hook =
        new Webhook(
            id,
            asked.name() == null ? before.name() : asked.name(),
            asked.description() == null ? before.description() : asked.description(),
            asked.url() == null ? before.url() : asked.url(),
            asked.events().isEmpty()
                ? before.events()
                : asked.events().stream().distinct().toList(),
            asked.secret() == null ? before.secret() : asked.secret(),
            asked.status() == null ? before.status() : asked.status(),
            before.createdAt(),
            Instant.ofEpochMilli(now.toEpochMilli()));
    check(hook.name(), hook.url(), hook.events(), asked);
    tx.update(
        """
        update webhook
        set name = ?, description = ?, url = ?, events = ?, secret = ?, status = ?, updated_at = ?
        where id = ?
        """,
        hook.name(),
        hook.description(),
        hook.url(),
        listed(hook.events()),
        sealed(hook.secret()),
        hook.status(),
        hook.updatedAt(),
        id);
    return hook;
  }

  void delete(Tx tx, String id) {
    get(tx, id);
    tx.update("delete from webhook where id = ?", id);
  }

  Webhook get(Tx tx, String id) {
    return find(tx, id)
        .orElseThrow(() ->
            new Problem(
                Fault.NOT_FOUND,
                "Webhook with ID %s not found".formatted(Texts.shown(id)),
                "List the webhooks"));
  }

  private Optional<Webhook> find(Tx tx, String id) {
    return tx.first(
        """
        select id, name, description, url, events, secret, status, created_at, updated_at
        from webhook
        where id = ?
        """,
        this::webhook,
        id);
  }

  /// In the order of their creation, newest first.
  List<Webhook> list(Tx tx, int limit, long offset) {
    return tx.query(
        """
        select id, name, description, url, events, secret, status, created_at, updated_at
        from webhook
        order by created_at desc, id desc
        limit ? offset ?
        """,
        this::webhook,
        limit,
        offset);
  }

  @Override
  public void happened(Tx tx, String event, Map<String, Object> data) {
    List<String> hooks =
        tx.query(
            """
            select id from webhook
            where status = 'ACTIVE' and events like ? escape '\\'
            order by id
            limit ?
            """,
            row -> row.text("id"),
            "%," + event.replace("_", "\\_") + ",%",
            HOOKS_MAX);
    if (hooks.isEmpty()) return;
    Instant now = clock.instant();
    for (String hook : hooks) {
      ObjectNode payload = Json.MAPPER.createObjectNode();
      payload.put("webhook", hook).put("event", event).put("at", MOMENT.format(now));
      payload.set("data", Json.MAPPER.valueToTree(data));
      jobs.submit(tx, JOB, Ids.at(now).toString(), payload);
    }
  }

  private void deliver(Job job, Lease lease) {
    String id = job.payload().path("webhook").asText();
    Webhook hook = db.read(tx -> find(tx, id)).orElse(null);
    if (hook == null || hook.status() != Webhook.Status.ACTIVE) return;
    lease.check();
    Outbound.Reply reply =
        send(
            hook,
            job.key(),
            job.payload().path("event").asText(),
            job.payload().path("at").asText(),
            job.payload().path("data"));
    if (reply.status() == 429 || reply.status() >= 500) {
      throw new Problem(
          Fault.OUTBOUND_FAILED,
          "%s answered %d".formatted(Texts.shown(hook.name()), reply.status()),
          "It is tried again");
    }
    if (reply.status() >= 300) {
      LOG.warn("Webhook {} answered {}; it is not asked again", hook.id(), reply.status());
    }
  }

  /// Sends a made-up event now, and tells how that went.
  Outbound.Reply test(Webhook hook, String event) {
    Instant now = clock.instant();
    return send(
        hook,
        Ids.at(now).toString(),
        event,
        MOMENT.format(now),
        Json.MAPPER.valueToTree(example(event)));
  }

  private Outbound.Reply send(
      Webhook hook, String delivery, String event, String at, JsonNode data) {
    int dot = event.indexOf('.');
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("entity", event.substring(0, dot));
    body.put("action", event.substring(dot + 1));
    body.put("timestamp", at);
    body.set("data", data);
    String text = Json.text(body);
    String seconds = Long.toString(clock.instant().getEpochSecond());
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/json");
    headers.put("X-MLflow-Delivery-Id", delivery);
    headers.put("X-MLflow-Timestamp", seconds);
    if (hook.secret() != null && !hook.secret().isEmpty()) {
      String signed = delivery + "." + seconds + "." + text;
      headers.put("X-MLflow-Signature", "v1," + hmac(hook.secret(), signed));
    }
    return outbound.post(hook.url(), headers, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String hmac(String secret, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }

  private static Map<String, Object> example(String event) {
    var data = new LinkedHashMap<String, Object>();
    boolean prompt = event.startsWith("prompt");
    data.put("name", prompt ? "example_prompt" : "example_model");
    if (event.contains("version") || event.contains("alias")) data.put("version", "1");
    if (event.contains("_tag.")) {
      data.put("key", "example_key");
      if (event.endsWith(".set")) data.put("value", "example_value");
    } else if (event.contains("alias")) {
      data.put("alias", "example_alias");
      if (event.endsWith(".deleted")) data.remove("version");
    } else {
      if (event.equals("prompt_version.created")) data.put("template", "Hello {{name}}!");
      if (event.equals("model_version.created")) {
        data.put("source", "runs:/abcd1234abcd5678/model");
        data.put("run_id", "abcd1234abcd5678");
      }
      data.put("tags", Map.of("example_key", "example_value"));
      data.put("description", "An example");
    }
    return data;
  }

  private void check(String name, String url, List<String> events, Asked asked) {
    if (!NAME.matcher(name).matches()) {
      throw bad(
          "Webhook name must begin and end with a letter or digit, and be 1 to 63 letters, digits"
              + " and . _ -",
          "Choose another name");
    }
    if (url.isBlank()) {
      throw bad("Webhook URL cannot be empty or just whitespace: '%s'".formatted(url), "Give one");
    }
    if (url.length() > URL_MAX) {
      throw bad(
          "Invalid webhook URL: it has more than %d characters".formatted(URL_MAX), "Shorten it");
    }
    if (!url.matches("(?i)https?:.*")) {
      int colon = url.indexOf(':');
      throw bad(
          "Invalid webhook URL scheme: '%s'. Allowed schemes are: https"
              .formatted(Texts.shown(colon < 0 ? "" : url.substring(0, colon))),
          "Give an https URL");
    }
    try {
      outbound.check(url);
    } catch (Problem e) {
      throw bad("Invalid webhook URL '%s': %s".formatted(Texts.shown(url), e.what()), e.remedy())
          .because(e);
    }
    if (events.isEmpty()) throw bad("Webhook events cannot be empty", "Name at least one event");
    for (String event : events) {
      if (!EVENTS.contains(event)) {
        throw bad(
            "Invalid webhook event: %s".formatted(Texts.shown(event)),
            Texts.didYouMean(event, EVENTS));
      }
    }
    tooLong("description", asked.description(), DESCRIPTION_MAX);
    tooLong("secret", asked.secret(), SECRET_MAX);
  }

  private static void tooLong(String field, @Nullable String text, int most) {
    if (text != null && text.length() > most) {
      throw bad("Webhook %s has more than %,d characters".formatted(field, most), "Shorten it");
    }
  }

  static Problem bad(String what, String remedy) {
    return new Problem(Fault.BAD_WEBHOOK, what, remedy);
  }

  private static String listed(List<String> events) {
    return "," + String.join(",", events) + ",";
  }

  private @Nullable String sealed(@Nullable String secret) {
    return secret == null ? null : seal.close(secret);
  }

  private Webhook webhook(Row row) {
    String secret = row.textOrNull("secret");
    return new Webhook(
        row.text("id"),
        row.text("name"),
        row.textOrNull("description"),
        row.text("url"),
        Arrays.stream(row.text("events").split(",")).filter(e -> !e.isEmpty()).toList(),
        secret == null ? null : seal.open(secret),
        Webhook.Status.valueOf(row.text("status")),
        row.instant("created_at"),
        row.instant("updated_at"));
  }
}
