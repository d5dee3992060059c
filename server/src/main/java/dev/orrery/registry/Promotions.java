package dev.orrery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.access.Audit;
import dev.orrery.base.Fault;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Texts;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Moves versions from stage to stage, and keeps the history of it: every move is a row and an
/// entry in the audit log, in the transaction that makes it.
///
/// Of a project's model, stages and traffic are one: what the endpoint serves stands in Production,
/// its canary in Staging, and a promotion deploys. See `docs/decisions/0013-stage-and-traffic.md`.
public final class Promotions {
  private static final int HISTORY_MAX = 10_000;

  private final Audit audit;
  private final Rules rules;
  private final @Nullable Manifests manifests;
  private final InstantSource clock;
  private volatile @Nullable Served served;

  /// @param model what the service serves
  private record Served(String model, Service service) {}

  /// @param manifests null where there are none
  Promotions(Audit audit, Rules rules, @Nullable Manifests manifests, InstantSource clock) {
    this.audit = audit;
    this.rules = rules;
    this.manifests = manifests;
    this.clock = clock;
  }

  /// From now on a model's stages are where this service's traffic is.
  public void serve(String model, Service service) {
    served = new Served(model, service);
  }

  private Optional<Service> service(String model) {
    Served now = served;
    return now != null && now.model().equals(model) ? Optional.of(now.service()) : Optional.empty();
  }

  /// Does a write that may move versions of a model: of one that is served, nobody else moves the
  /// traffic meanwhile, and what the write moves of it is in effect when this returns.
  ///
  /// @param next gives the version that may come to Production, if there is one
  public <T> T moving(String model, Supplier<Optional<ModelVersion>> next, Supplier<T> write) {
    return moving(model, next, null, write);
  }

  /// The same, where a version that was made elsewhere may be served for a reason.
  ///
  /// @param forced the reason; null to refuse such a version
  /// @throws Problem BAD_PARAMETER if the reason is empty
  public <T> T moving(
      String model,
      Supplier<Optional<ModelVersion>> next,
      @Nullable String forced,
      Supplier<T> write) {
    if (forced != null && forced.isBlank()) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "a promotion is forced without a reason",
          "Say why: --force --why TEXT");
    }
    Optional<Service> service = service(model);
    if (service.isEmpty()) return write.get();
    return service.get().moving(next.get().orElse(null), forced != null, write);
  }

  /// Moves a version to a stage. One version at most stands in Production: the one before is
  /// archived, in the same transaction.
  ///
  /// A version of a model that is served is deployed on its way to Production: where that begins
  /// with a canary, it stands in Staging until it is through.
  ///
  /// @param archive whether all others in the stage are archived
  /// @throws Problem PROMOTION_REFUSED if the project's rules ask for evidence that is lacking, or
  ///   the model's endpoint cannot serve it; IN_SERVICE if what is served would leave its stage
  public RegisteredVersion move(
      Tx tx, String model, long version, Stage stage, boolean archive, String who, String why) {
    if (archive && !stage.isActive()) {
      throw new Problem(
          Fault.BAD_STAGE,
          "Model version transition cannot archive existing model versions because '%s' is not an"
                  .formatted(stage.word())
              + " Active stage. Valid stages are ['Staging', 'Production']",
          "Leave archive_existing_versions out");
    }
    Instant now = clock.instant();
    // The model's row is written first: of two moves on PostgreSQL, one waits here for the other.
    ModelStore.touch(tx, model, now);
    RegisteredVersion found = version(tx, model, version);
    Optional<Service> service = service(model);
    Optional<Service.Standing> standing = service.flatMap(Service::standing);
    standing.ifPresent(at -> refuseServed(found, stage, archive, at));
    if (stage.isActive() && manifests != null) manifests.check(tx, found);
    JsonNode evidence = stage == Stage.PRODUCTION ? evidence(tx, found, who) : null;
    if (service.isPresent() && stage == Stage.PRODUCTION) {
      boolean isThere = standing.filter(at -> at.champion().equals(found.semver())).isPresent();
      if (!isThere) {
        String because = why.isBlank() ? "promoted in the registry" : why;
        Service.Standing unused = service.get().deploy(tx, deployable(tx, found), who, because);
      }
      return version(tx, model, version);
    }
    return place(tx, found, stage, archive || stage == Stage.PRODUCTION, who, why, evidence, now);
  }

  private static void refuseServed(
      RegisteredVersion found, Stage stage, boolean archive, Service.Standing now) {
    Semver canary = now.canary();
    String reason = null;
    if (found.semver().equals(now.champion()) && stage != Stage.PRODUCTION) {
      reason = "%s is what the endpoint '%s' serves".formatted(found.id(), now.endpoint());
    } else if (found.semver().equals(canary) && !stage.isActive()) {
      reason = "%s is the canary of the endpoint '%s'".formatted(found.id(), now.endpoint());
    } else if (archive && stage == Stage.STAGING && canary != null && !now.serves(found.semver())) {
      reason = "%s in Staging is the canary of '%s'".formatted(canary, now.endpoint());
    }
    if (reason == null) return;
    throw new Problem(
        Fault.IN_SERVICE,
        reason,
        "Promote another version, return to the one before with 'orrery rollback', or abort the"
            + " canary");
  }

  /// What a pipeline made of a version: only that can be served.
  private static ModelVersion deployable(Tx tx, RegisteredVersion version) {
    return VersionStore.byNumber(tx, version.model(), version.version())
        .orElseThrow(() ->
            refused(
                version,
                "no pipeline of the project made it, so the model's endpoint cannot serve it",
                "Train and deploy with 'orrery run', or register it as a model of its own"));
  }

  private RegisteredVersion place(
      Tx tx,
      RegisteredVersion found,
      Stage stage,
      boolean archive,
      String who,
      String why,
      @Nullable JsonNode evidence,
      Instant now) {
    String model = found.model();
    if (archive) {
      String because = "version %d came to %s".formatted(found.version(), stage.word());
      for (long other : ModelStore.inStage(tx, model, stage, found.version())) {
        ModelStore.stage(tx, model, other, Stage.ARCHIVED, now);
        note(tx, model, who, other, stage.word(), Stage.ARCHIVED.word(), because, null, now);
      }
    }
    ModelStore.stage(tx, model, found.version(), stage, now);
    if (stage == Stage.PRODUCTION
        && !MoveStore.top(tx, model).equals(Optional.of(found.version()))) {
      MoveStore.push(tx, model, found.version());
    }
    if (found.stage() != stage) {
      note(tx, model, who, found.version(), found.stage().word(), stage.word(), why, evidence, now);
    }
    return version(tx, model, found.version());
  }

  private void note(
      Tx tx,
      String model,
      String who,
      long version,
      String from,
      String to,
      String why,
      @Nullable JsonNode evidence,
      Instant now) {
    record(tx, model, Move.Kind.STAGE, version, from, to, who, why, evidence, now);
  }

  /// What a project asks for before Production, and where it is found.
  private @Nullable JsonNode evidence(Tx tx, RegisteredVersion version, String who) {
    Optional<ModelVersion> made = VersionStore.byNumber(tx, version.model(), version.version());
    if (!rules.cover(version.model())) return made.map(ModelVersion::gates).orElse(null);
    ObjectNode evidence = JsonNodeFactory.instance.objectNode();
    if (rules.gates()) {
      List<String> against = made.map(Promotions::against).orElse(List.of("it has none"));
      if (!against.isEmpty()) {
        throw refused(
            version,
            "its gates have not passed: " + String.join("; ", against),
            "Have a pipeline train a version that passes, or change the gates");
      }
      made.ifPresent(found -> evidence.set("gates", found.gates()));
    }
    if (rules.approval()) {
      List<MoveStore.Approval> approvals =
          MoveStore.approvals(tx, version.model(), version.version()).stream()
              .filter(approval -> !approval.who().equals(who))
              .filter(approval -> !approval.who().equals(version.who()))
              .toList();
      if (approvals.isEmpty()) {
        throw refused(
            version,
            "nobody but who registered or promotes it has approved it",
            "Have another person run 'orrery model approve %s %d'"
                .formatted(Texts.shown(version.model()), version.version()));
      }
      note(evidence, approvals);
    }
    return evidence;
  }

  /// The gates that speak against a version.
  private static List<String> against(ModelVersion made) {
    List<String> against = new ArrayList<>();
    if (made.gates().isEmpty()) against.add("it has none");
    if (made.state() == ModelVersion.State.REJECTED) {
      String why = made.stateReason();
      against.add(why == null ? "it was rejected in service" : why);
    }
    for (JsonNode gate : made.gates()) {
      String state = gate.path("state").asText();
      boolean mustPass = gate.path("demand").asText("MUST_PASS").equals("MUST_PASS");
      boolean passed = state.equalsIgnoreCase("passed");
      boolean failed = state.equalsIgnoreCase("failed");
      boolean told = gate.path("demand").asText().equals("TOLD_ONLY");
      if (!told && (failed || (mustPass && !passed))) {
        against.add("%s is %s".formatted(gate.path("name").asText("a gate"), state));
      }
    }
    return against;
  }

  private static Problem refused(RegisteredVersion version, String why, String remedy) {
    return new Problem(
        Fault.PROMOTION_REFUSED,
        "version %d of '%s' cannot come to Production: %s"
            .formatted(version.version(), Texts.shown(version.model()), why),
        remedy);
  }

  /// Whether the project asks for an approval that the version does not have yet.
  public boolean lacksApproval(Tx tx, String model, long version, String who) {
    if (!rules.cover(model) || !rules.approval()) return false;
    return MoveStore.approvals(tx, model, version).stream().allMatch(a -> a.who().equals(who));
  }

  /// Whether a version that a pipeline made may not be served yet, because nobody has approved it;
  /// one that was archived is not waited for any more.
  public boolean waits(Tx tx, ModelVersion version) {
    String model = version.model().text();
    RegisteredVersion found = version(tx, model, version.number());
    return found.stage() == Stage.NONE && rules.cover(model) && rules.approval();
  }

  /// Notes that somebody approves of a version; again is fine.
  public void approve(Tx tx, String model, long version, String who, String why) {
    Instant now = clock.instant();
    ModelStore.touch(tx, model, now);
    version(tx, model, version);
    MoveStore.approve(tx, model, version, who, why, now);
    record(tx, model, Move.Kind.APPROVED, version, "", "approved", who, why, null, now);
  }

  /// Returns Production to the version that was there before the present one: twice goes two
  /// versions back. Of a model that is served, traffic goes back.
  ///
  /// @throws Problem NO_EARLIER_PRODUCTION if none was
  public RegisteredVersion rollback(Tx tx, String model, String who, String why) {
    Instant now = clock.instant();
    ModelStore.touch(tx, model, now);
    if (ModelStore.model(tx, model).isEmpty()) throw Models.unknown(model);
    Optional<Service> service = service(model);
    if (service.isPresent()) {
      Semver back = service.get().rollback(tx, who, why).champion();
      return made(tx, model, back).orElseThrow(() -> Models.unknown(model, back));
    }
    Optional<Long> top = MoveStore.top(tx, model);
    List<Long> present = ModelStore.inStage(tx, model, Stage.PRODUCTION, -1);
    // Where Production is empty, the last version that was there is the one to return to.
    if (top.isPresent() && present.contains(top.get())) {
      MoveStore.pop(tx, model);
      top = MoveStore.top(tx, model);
    }
    if (top.isEmpty()) {
      throw new Problem(
          Fault.NO_EARLIER_PRODUCTION,
          "no version of '%s' was in Production before".formatted(Texts.shown(model)),
          "Nothing has been changed; promote another version");
    }
    RegisteredVersion back = version(tx, model, top.get());
    ObjectNode evidence = JsonNodeFactory.instance.objectNode();
    evidence.put("rollback", true);
    present.stream().findFirst().ifPresent(from -> evidence.put("from", from));
    return place(tx, back, Stage.PRODUCTION, true, who, why, evidence, now);
  }

  /// Puts the versions of a model where its traffic is, in the transaction that moves it: the
  /// champion in Production, the canary in Staging, what was either before in Archived.
  public void follow(Tx tx, String model, Service.Moved moved) {
    Instant now = clock.instant();
    ModelStore.touch(tx, model, now);
    Optional<RegisteredVersion> champion = made(tx, model, moved.now().champion());
    if (champion.isEmpty()) return;
    long number = champion.get().version();
    if (moved.isBack()) {
      while (MoveStore.top(tx, model).filter(top -> top != number).isPresent()) {
        MoveStore.pop(tx, model);
      }
    }
    put(tx, champion.get(), Stage.PRODUCTION, moved, now);
    Semver canary = moved.now().canary();
    if (canary != null) {
      made(tx, model, canary).ifPresent(found -> put(tx, found, Stage.STAGING, moved, now));
    }
    Semver left = moved.before() == null ? null : moved.before().canary();
    if (left == null || moved.now().serves(left)) return;
    made(tx, model, left).ifPresent(found -> put(tx, found, Stage.ARCHIVED, moved, now));
  }

  /// Whether [#follow] would move anything.
  public boolean follows(Tx tx, String model, Service.Moved moved) {
    Semver canary = moved.now().canary();
    return made(tx, model, moved.now().champion())
            .filter(found -> found.stage() != Stage.PRODUCTION)
            .isPresent()
        || (canary != null
            && made(tx, model, canary).filter(found -> found.stage() != Stage.STAGING).isPresent());
  }

  private void put(Tx tx, RegisteredVersion found, Stage stage, Service.Moved moved, Instant now) {
    if (found.stage() == stage) return;
    ObjectNode evidence = JsonNodeFactory.instance.objectNode();
    evidence.put("endpoint", moved.now().endpoint()).put("move", moved.move());
    VersionStore.byNumber(tx, found.model(), found.version())
        .ifPresent(made -> evidence.set("gates", made.gates()));
    List<MoveStore.Approval> approvals = MoveStore.approvals(tx, found.model(), found.version());
    if (!approvals.isEmpty()) note(evidence, approvals);
    boolean archive = stage == Stage.PRODUCTION;
    place(tx, found, stage, archive, moved.who(), moved.why(), evidence, now);
  }

  private static void note(ObjectNode evidence, List<MoveStore.Approval> approvals) {
    var list = evidence.putArray("approvals");
    approvals.forEach(approval ->
        list.addObject()
            .put("who", approval.who())
            .put("why", approval.why())
            .put("at", approval.at().toString()));
  }

  /// A pipeline's version with this semantic version, where it stands.
  private static Optional<RegisteredVersion> made(Tx tx, String model, Semver version) {
    return VersionStore.find(tx, new Name(model), version)
        .map(made -> version(tx, model, made.number()));
  }

  /// What happened to a model's stages and aliases, newest first.
  public List<Move> history(Tx tx, String model, int limit) {
    return MoveStore.moves(tx, model, Math.clamp(limit, 1, HISTORY_MAX));
  }

  void noteRegistration(Tx tx, RegisteredVersion version, String who) {
    record(
        tx,
        version.model(),
        Move.Kind.REGISTERED,
        version.version(),
        "",
        version.semver().toString(),
        who,
        version.reason(),
        null,
        version.createdAt());
  }

  void noteDeletion(Tx tx, RegisteredVersion version, String who) {
    record(
        tx,
        version.model(),
        Move.Kind.DELETED,
        version.version(),
        version.stage().word(),
        "",
        who,
        "",
        null,
        clock.instant());
  }

  void noteDeletion(Tx tx, String model, String who) {
    record(tx, model, Move.Kind.DELETED, 0, "", "", who, "", null, clock.instant());
  }

  /// @param to null where the alias was deleted
  void noteAlias(
      Tx tx,
      String model,
      String alias,
      @Nullable Long from,
      @Nullable Long to,
      String who,
      String why) {
    Instant now = clock.instant();
    ModelStore.touch(tx, model, now);
    ObjectNode evidence = JsonNodeFactory.instance.objectNode();
    evidence.put("alias", alias);
    record(
        tx,
        model,
        Move.Kind.ALIAS,
        to != null ? to : Objects.requireNonNullElse(from, 0L),
        from == null ? "" : alias + "@" + from,
        to == null ? "" : alias + "@" + to,
        who,
        why,
        evidence,
        now);
  }

  private void record(
      Tx tx,
      String model,
      Move.Kind kind,
      long version,
      String from,
      String to,
      String who,
      String why,
      @Nullable JsonNode evidence,
      Instant now) {
    MoveStore.insert(tx, model, now, who, kind, version, from, to, why, evidence);
    ObjectNode detail = JsonNodeFactory.instance.objectNode();
    detail.put("version", version).put("from", from).put("to", to).put("why", why);
    if (evidence != null) detail.set("evidence", evidence);
    audit.append(tx, who, "model." + kind.word(), model, detail);
  }

  private static RegisteredVersion version(Tx tx, String model, long version) {
    return ModelStore.version(tx, model, version).orElseThrow(() -> Models.unknown(model, version));
  }
}
