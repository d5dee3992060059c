package dev.orrery.base;

import dev.orrery.base.Problem.Kind;

/// Every numbered failure of Orrery: its kind, what it means, and what to do about it.
///
/// The one list. A number is never reused and never changes its meaning; the reference page of
/// errors is generated from here. Hundreds belong to parts, from the ground up.
public enum Fault {
  // 1-99: base
  BAD_NAME(1, Kind.INVALID, "A name has a character or a length that is not allowed"),
  BAD_QUANTITY(2, Kind.INVALID, "A quantity has no number, or a unit that is not known"),
  BAD_JSON(3, Kind.INVALID, "A text is not the JSON that is expected here"),
  BAD_VERSION(4, Kind.INVALID, "A version is not of the form 1.2.3"),
  CLOCK_BACKWARD(5, Kind.CONFLICT, "The virtual clock moves forward only"),
  NO_VIRTUAL_CLOCK(6, Kind.CONFLICT, "The server runs on the real clock, which cannot be moved"),
  NOT_FOUND(7, Kind.NOT_FOUND, "A name that was used names nothing here"),
  INTERNAL(8, Kind.INTERNAL, "A bug in Orrery"),
  INTERRUPTED(9, Kind.UNAVAILABLE, "The work was interrupted before it was done"),
  CLOCK_BEYOND(10, Kind.INVALID, "A clock shows moments of the years 1 to 9999 only"),
  OTHER_CLOCK(11, Kind.CONFLICT, "A store stays on the clock that it was first used on"),

  // 100-109: sql
  STORE_HELD(100, Kind.CONFLICT, "Another process holds the store"),
  STORE_IS_A_FILE(101, Kind.INVALID, "The home of a store must be a folder, and this is a file"),
  STORE_NOT_WRITABLE(102, Kind.DENIED, "The folder of the store cannot be written"),
  STORE_FULL(103, Kind.STORAGE_FULL, "The disk of the store is full"),
  STORE_FAILED(104, Kind.UNAVAILABLE, "The disk of the store failed, and writing has stopped"),
  STORE_DAMAGED(105, Kind.DATA_LOSS, "The rows of the store are damaged"),
  STORE_BUSY(106, Kind.UNAVAILABLE, "The store cannot be reached, or does not keep up"),
  COMMIT_UNKNOWN(107, Kind.UNAVAILABLE, "The store fell away before it confirmed a commit"),
  SCHEMA_UNKNOWN(
      108, Kind.CONFLICT, "The store has a schema that this program cannot bring to its own"),
  DUPLICATE(109, Kind.CONFLICT, "A row breaks a rule of its table, such as a key that is taken"),

  // 110-119: journal
  JOURNAL_DAMAGED(110, Kind.DATA_LOSS, "A frame of a journal is damaged"),
  JOURNAL_FAILED(111, Kind.UNAVAILABLE, "A write to a journal failed, and writing has stopped"),
  JOURNAL_FULL(112, Kind.STORAGE_FULL, "The disk of a journal is full"),
  FRAME_TOO_LARGE(113, Kind.TOO_LARGE, "A frame of a journal is larger than 64 MB"),

  // 120-129: blob
  BLOB_DAMAGED(120, Kind.DATA_LOSS, "The bytes of a blob no longer match their digest"),
  BLOB_MISSING(121, Kind.NOT_FOUND, "There is no blob with this digest"),
  BLOB_FULL(122, Kind.STORAGE_FULL, "The disk of the blobs is full"),
  BLOB_FAILED(123, Kind.UNAVAILABLE, "The disk of the blobs failed"),

  // 130-139: jobs
  LEASE_LOST(130, Kind.CONFLICT, "A job was taken over by another worker"),
  JOB_TOO_LARGE(131, Kind.TOO_LARGE, "The payload of a job is larger than 1 MB"),
  JOB_EXHAUSTED(132, Kind.CONFLICT, "A job was begun too often without coming to an end"),

  // 140-149: access
  AUDIT_TOO_LARGE(140, Kind.TOO_LARGE, "An entry of the audit log is larger than 64 KB"),

  // 150-159: lineage
  LINEAGE_TOO_LARGE(150, Kind.TOO_LARGE, "A node of the lineage is linked to too many others"),

  // 180-189: databases
  BAD_DATABASE(180, Kind.INVALID, "A database is named in a way that cannot be used"),
  DATABASE_TAKEN(181, Kind.CONFLICT, "A database holds the rows of another home"),
  PAGE_DAMAGED(182, Kind.DATA_LOSS, "A page of the store is not what was written to it"),

  // 200-249: web
  NO_SUCH_ROUTE(200, Kind.NOT_FOUND, "Nothing is answered at this path"),
  WRONG_METHOD(201, Kind.UNSUPPORTED, "The path is answered, but not with this method"),
  BAD_REQUEST(202, Kind.INVALID, "A request is malformed, or could be read in two ways"),
  BAD_PARAMETER(203, Kind.INVALID, "A parameter of a request is missing or has the wrong form"),
  FOREIGN_HOST(204, Kind.DENIED, "A request names a host that is not this server"),
  FOREIGN_ORIGIN(205, Kind.DENIED, "A request comes from a page of another site"),
  NOT_ALLOWED(206, Kind.DENIED, "The caller's role does not include the permission asked for"),
  WRONG_CONTENT_TYPE(207, Kind.UNSUPPORTED, "A body is of a type that is not read here"),
  BODY_TOO_LARGE(208, Kind.TOO_LARGE, "A body is larger than its route allows"),
  HEADERS_TOO_LARGE(209, Kind.TOO_LARGE, "The headers or the URL of a request are too large"),
  TOO_SLOW(210, Kind.INVALID, "A request arrived too slowly"),
  BUSY(211, Kind.UNAVAILABLE, "Too many requests of this kind are being answered"),
  DEADLINE(212, Kind.UNAVAILABLE, "A request was not answered within its deadline"),
  STOPPING(213, Kind.UNAVAILABLE, "The server is stopping"),
  NOT_READY(214, Kind.UNAVAILABLE, "The server is starting and not ready yet"),
  PORT_IN_USE(215, Kind.CONFLICT, "The port to listen on is taken"),
  PUBLIC_BIND(216, Kind.DENIED, "A public address without authentication and TLS"),
  BAD_ADDRESS(217, Kind.INVALID, "The address to listen on cannot be used"),
  LOGIN_NEEDED(218, Kind.DENIED, "A request does not say who sends it"),

  // 230-249: web
  KEY_TAKEN(230, Kind.CONFLICT, "An idempotency key was sent with another request before"),
  OUTBOUND_REFUSED(240, Kind.INVALID, "An address that this server does not call"),
  OUTBOUND_FAILED(241, Kind.UNAVAILABLE, "An address that was called does not answer"),

  // 250-299: engine
  NO_SUCH_FILE(250, Kind.NOT_FOUND, "A file that was named does not exist or cannot be opened"),
  UNREADABLE_TABLE(251, Kind.INVALID, "A data file is damaged or not of a known format"),
  CANNOT_WRITE_TABLE(252, Kind.STORAGE_FULL, "A table cannot be written to disk"),
  BAD_QUERY(253, Kind.INVALID, "A query over tables cannot be answered"),
  TABLE_TOO_LARGE(254, Kind.TOO_LARGE, "A table has more rows than fit in memory"),
  BAD_EXPRESSION(255, Kind.INVALID, "An expression cannot be read, or its types do not fit"),

  // 300-399: project
  NO_PROJECT(300, Kind.NOT_FOUND, "A folder has no orrery.yaml"),
  YAML_SYNTAX(301, Kind.INVALID, "A definition is not YAML, or uses what definitions do not"),
  DEFINITION_TOO_LARGE(302, Kind.TOO_LARGE, "A definition is larger or deeper than is read"),
  DUPLICATE_KEY(303, Kind.INVALID, "A key stands twice in one block"),
  UNKNOWN_KEY(304, Kind.INVALID, "A block has a key that means nothing there"),
  MISSING_KEY(305, Kind.INVALID, "A block lacks a key that it must have"),
  WRONG_VALUE(306, Kind.INVALID, "A value is not what its key wants"),
  UNKNOWN_WORD(307, Kind.INVALID, "A word names nothing of the kind that belongs there"),
  BAD_INCLUDE(308, Kind.INVALID, "A path to a block names no file inside the project's folder"),
  UNREADABLE_DEFINITION(309, Kind.INVALID, "A definition cannot be opened or read"),
  IMPOSSIBLE_CRITERION(310, Kind.INVALID, "A criterion has no limit, or limits none can meet"),

  // 400-449: data
  CONTRACT_BROKEN(400, Kind.INVALID, "Rows break the contract of their dataset"),
  BAD_DATASET(401, Kind.INVALID, "A dataset is declared wrongly"),
  MISSING_COLUMNS(402, Kind.INVALID, "Rows lack columns that are needed"),
  WRONG_COLUMN_TYPE(403, Kind.INVALID, "A column holds another type than declared"),

  // 500-509: feature
  BAD_FEATURE(500, Kind.INVALID, "A feature is declared wrongly"),
  LEAKING_FEATURE(501, Kind.INVALID, "A feature reads what is known only after the prediction"),
  TOO_MANY_ENTITIES(502, Kind.LIMITED, "A window view has more entities than fit in memory"),

  // 510-519: filter
  BAD_FILTER(510, Kind.INVALID, "A filter is not of the grammar, or names what is not known"),
  FILTER_TOO_LARGE(511, Kind.INVALID, "A filter is longer or deeper than is read"),
  BAD_ORDER(512, Kind.INVALID, "An order is not a known key and at most a direction"),

  // 520-529: mlflow
  BAD_MESSAGE(520, Kind.INVALID, "A field of an MLflow message is missing or of another type"),
  BAD_PAGE_TOKEN(521, Kind.INVALID, "A page token is not one that was handed out for this search"),
  NOT_SPOKEN(522, Kind.UNSUPPORTED, "A part of MLflow's protocol that is not spoken here"),

  // 530-549: artifact
  ARTIFACT_IN_THE_WAY(530, Kind.CONFLICT, "A file stands where a folder is needed, or a folder"),
  ARTIFACT_TOO_LARGE(531, Kind.TOO_LARGE, "A file is larger than the server stores"),
  TOO_MANY_ARTIFACTS(532, Kind.LIMITED, "A run or a folder has too many files"),
  FOREIGN_LOCATION(533, Kind.UNSUPPORTED, "Artifacts lie in a store that this server is not"),
  BAD_UPLOAD(534, Kind.INVALID, "An upload is asked for, or goes on, in a way that cannot be"),
  UPLOAD_OFFSET(535, Kind.CONFLICT, "A part of an upload does not begin where the last one ended"),
  UPLOAD_DIGEST(536, Kind.INVALID, "The bytes of an upload do not have the digest that was told"),
  TOO_MANY_UPLOADS(537, Kind.LIMITED, "Too many uploads are under way"),
  GC_RUNNING(538, Kind.CONFLICT, "A collection or a check of the blobs is under way already"),
  NO_PREVIEW(539, Kind.UNSUPPORTED, "A file is of a sort that is not shown, only downloaded"),
  UPLOAD_BUSY(540, Kind.CONFLICT, "Another request works on the same upload"),

  // 600-629: model
  FEATURE_MISSING(600, Kind.INVALID, "A feature that the model takes is not among those given"),
  FEATURE_TYPE(601, Kind.INVALID, "A feature is of another type than the model was trained on"),
  BAD_RULE(602, Kind.INVALID, "A rule is not a comparison of a known feature with a number"),
  BAD_MODEL_TEXT(603, Kind.INVALID, "The text of a model is damaged"),
  UNSUPPORTED_MODEL(604, Kind.UNSUPPORTED, "A model is of a sort that is not scored here"),
  BAD_PACKAGE(605, Kind.INVALID, "A model package is damaged or does not fit together"),
  GOLDEN_ROWS_DIFFER(606, Kind.DATA_LOSS, "A model no longer answers its golden rows alike"),
  BAD_TENSOR(607, Kind.INVALID, "A tensor is not what its type and shape say"),
  TENSOR_TOO_LARGE(608, Kind.TOO_LARGE, "A tensor has more values than one may have"),
  BAD_MODEL_FILE(609, Kind.INVALID, "A model's file is damaged, or of no format known here"),
  BAD_RULES(615, Kind.INVALID, "A model of rules is written wrongly"),
  NO_NATIVE_LIBRARY(616, Kind.UNSUPPORTED, "A library that a model needs does not load here"),
  NO_PYTHON(617, Kind.UNSUPPORTED, "A model needs Python, or a package of it, that is not here"),
  WORKER_FAILED(618, Kind.UNAVAILABLE, "The process of a model ended, or did not answer in time"),
  SCORING_FAILED(619, Kind.INVALID, "A model could not score the values that it was given"),

  // 630-649: inference
  UNKNOWN_MODEL(630, Kind.NOT_FOUND, "No model of this name or version is served"),
  BAD_INFERENCE(631, Kind.INVALID, "A request for inference does not fit the model's signature"),
  MODEL_NOT_READY(632, Kind.UNAVAILABLE, "A model is loading, unloaded or failed"),
  MODEL_BUSY(633, Kind.LIMITED, "A model has as many requests waiting as it may have"),
  NOT_MANAGED(634, Kind.UNSUPPORTED, "A model is not loaded and unloaded by request here"),
  NO_DEFAULT_MODEL(635, Kind.UNAVAILABLE, "A request names no model, and none is served"),
  NO_EXPLAINER(636, Kind.UNSUPPORTED, "A model has no explainer"),
  NOT_SPOKEN_HERE(637, Kind.UNSUPPORTED, "A part of an inference protocol is not spoken here"),
  TOO_MANY_TO_SCORE(638, Kind.TOO_LARGE, "A request has more rows than are scored at once"),

  // 650-679: train
  BAD_CANDIDATE(650, Kind.INVALID, "A candidate's parameter is unknown or out of its range"),
  NO_TRAINING_ROWS(651, Kind.INVALID, "There are too few rows to train on, or of one class only"),
  TRAINING_FAILED(652, Kind.INTERNAL, "The training library failed"),

  // 680-699: evaluation
  BAD_METRIC(680, Kind.INVALID, "A metric is unknown, or was asked of unfit scores"),
  NO_FOLDS(681, Kind.INVALID, "There are too few rows to split in order of time"),

  // 700-749: tracking
  BAD_KEY(700, Kind.INVALID, "The name or the time of a metric, parameter, tag or run is not fit"),
  PARAM_CHANGED(701, Kind.INVALID, "A parameter of a run was noted already, with another value"),
  RUN_ENDED(702, Kind.CONFLICT, "A run has already ended, otherwise than it is now to end"),
  BAD_ARTIFACT_PATH(703, Kind.INVALID, "The path of an artifact is not a plain relative one"),
  BATCH_TOO_LARGE(704, Kind.INVALID, "More is noted of a run in one call than is allowed"),
  VALUE_TOO_LONG(705, Kind.INVALID, "The value of a parameter or tag is too long"),
  EXPERIMENT_EXISTS(710, Kind.CONFLICT, "An experiment of this name exists, or was deleted softly"),
  NOT_ACTIVE(711, Kind.INVALID, "A run or an experiment that is deleted cannot be written to"),
  RUN_EXISTS(712, Kind.CONFLICT, "A run of this id exists already"),
  BAD_DATASET_INPUT(725, Kind.INVALID, "A dataset that a run read is not described as it must be"),
  RUN_IN_USE(726, Kind.CONFLICT, "A run cannot be removed, because something was made of it"),

  // 750-799: registry
  VERSION_INCOMPLETE(750, Kind.INVALID, "A model version lacks evidence of how it came to be"),
  VERSION_STATE(
      751, Kind.CONFLICT, "A model version cannot go from its state to the one asked for"),
  MODEL_MISMATCH(752, Kind.INVALID, "The bytes of a model are not those that its version tells of"),
  CODE_UNREADABLE(753, Kind.UNAVAILABLE, "The Git repository of a project cannot be read"),
  MODEL_EXISTS(754, Kind.CONFLICT, "The name of a registered model is taken"),
  BAD_STAGE(755, Kind.INVALID, "A stage of a model version is unknown, or cannot be asked for so"),
  BAD_ALIAS(756, Kind.INVALID, "An alias of a model version is not fit, or there is none"),
  BAD_MODEL(757, Kind.INVALID, "The name, a tag or a version of a registered model is not fit"),
  BAD_SOURCE(758, Kind.INVALID, "The source of a model version is not one that is taken"),
  PROMOTION_REFUSED(
      759, Kind.GATE_NOT_MET, "A version lacks the evidence or approval that Production asks for"),
  PROJECT_MODEL(760, Kind.CONFLICT, "What a project's pipeline registered is kept"),
  NO_EARLIER_PRODUCTION(761, Kind.CONFLICT, "No earlier version was in Production"),
  BUMP_TOO_SMALL(762, Kind.INVALID, "A semantic version is smaller than what changed asks for"),
  MANIFEST_BROKEN(763, Kind.DATA_LOSS, "A version's manifest, signature or files do not agree"),
  LINEAGE_DEMANDED(764, Kind.INVALID, "A version lacks lineage that its project demands"),
  BAD_VERSIONING(765, Kind.INVALID, "The 'versioning' block is declared wrongly"),
  BAD_WEBHOOK(766, Kind.INVALID, "A webhook is declared wrongly"),
  BAD_KEY_FILE(767, Kind.DATA_LOSS, "The key that signs manifests cannot be read"),
  IN_SERVICE(768, Kind.CONFLICT, "A version that an endpoint serves stays in its stage"),
  BAD_LOAD_TEST(769, Kind.INVALID, "The report of a load does not hold together"),

  // 800-849: pipeline
  BAD_RECIPE(800, Kind.INVALID, "The model, gates or features of a project do not fit together"),
  NO_VALIDATION_ROWS(801, Kind.INVALID, "Too few rows lie in the time held out, or before it"),
  RUN_INTERRUPTED(802, Kind.UNAVAILABLE, "A pipeline run was interrupted and can be resumed"),
  NOTHING_TO_RETRAIN(803, Kind.CONFLICT, "There is no champion, or no data, to renew"),
  STAGE_FAILED(804, Kind.INTERNAL, "A stage of a pipeline run failed for an unforeseen reason"),
  PIPELINE_BUSY(805, Kind.CONFLICT, "A pipeline run of this model is under way already"),

  // 850-899: serving
  LOG_DAMAGED(850, Kind.DATA_LOSS, "The prediction log cannot be read"),
  BAD_ROW(851, Kind.INVALID, "A row of a request does not fit the endpoint's signature"),
  TOO_MANY_ROWS(852, Kind.TOO_LARGE, "A request has more rows than one may have"),
  NOTHING_DEPLOYED(853, Kind.UNAVAILABLE, "No model version serves the endpoint"),
  KEY_REUSED(854, Kind.CONFLICT, "An idempotency key was used for another body"),
  BAD_OUTCOME(855, Kind.INVALID, "An outcome is malformed"),
  OUTCOME_CHANGED(856, Kind.CONFLICT, "A prediction has another outcome already"),
  NOTHING_TO_ROLL_BACK(857, Kind.CONFLICT, "The endpoint has no earlier version to return to"),
  DEPLOY_REFUSED(858, Kind.INVALID, "A model version may not take traffic"),
  BAD_SERVE_BLOCK(859, Kind.INVALID, "The 'serve' block is declared wrongly"),
  CANARY_RUNNING(860, Kind.CONFLICT, "A version is under trial already"),
  BAD_AB_TEST(861, Kind.INVALID, "An A/B test is declared wrongly, or does not fit the registry"),
  MADE_ELSEWHERE(862, Kind.CONFLICT, "A version was made by another Java, library or feature code"),
  NO_TRIAL(863, Kind.CONFLICT, "No version is under trial"),
  MODEL_TOO_SLOW(
      864, Kind.UNAVAILABLE, "The model did not answer in time, and nothing answers in its place"),
  REHEARSED(865, Kind.UNAVAILABLE, "The model fails because a rehearsal asked it to"),
  BAD_REHEARSAL(866, Kind.INVALID, "A rehearsal is asked for wrongly"),
  CANNOT_RESTORE(867, Kind.CONFLICT, "What a rollback would return to cannot answer any more"),

  // 900-929: monitor
  BAD_MONITOR_BLOCK(900, Kind.INVALID, "The 'monitor' block is declared wrongly"),

  // 930-949: retrain
  BAD_RETRAIN_BLOCK(930, Kind.INVALID, "The 'retrain' block is declared wrongly"),

  // 950-969: replay
  BAD_REPLAY(950, Kind.INVALID, "A replay is asked for that cannot be played"),
  LEDGER_EXISTS(951, Kind.CONFLICT, "A ledger is there already, in use, or of another replay"),
  LEDGER_DAMAGED(952, Kind.DATA_LOSS, "The ledger of a replay cannot be read"),
  LEDGER_UNWRITABLE(953, Kind.UNAVAILABLE, "The ledger of a replay cannot be written"),
  REPLAY_REFUSED(954, Kind.INVALID, "A server refused what was replayed to it"),
  SERVER_LOST(955, Kind.UNAVAILABLE, "A server that was played against went away"),
  PREDICTIONS_LOST(956, Kind.DATA_LOSS, "Predictions that were acknowledged are not in the store"),

  // 970-999: cli
  BAD_COMMAND(970, Kind.INVALID, "A command or an option is unknown, or lacks what it needs"),
  NO_SERVER(971, Kind.UNAVAILABLE, "No server runs on this home, or it does not answer"),
  BAD_ANSWER(972, Kind.UNAVAILABLE, "A server answered what this program does not understand"),
  ALREADY_THERE(973, Kind.CONFLICT, "A file that would be written is there already"),
  CANNOT_WRITE(974, Kind.UNAVAILABLE, "A file or folder cannot be written");

  private final int number;
  private final Kind kind;
  private final String meaning;

  Fault(int number, Kind kind, String meaning) {
    this.number = number;
    this.kind = kind;
    this.meaning = meaning;
  }

  /// The number as people see it: `ORR-0142`.
  public String code() {
    return "ORR-%04d".formatted(number);
  }

  public Kind kind() {
    return kind;
  }

  public String meaning() {
    return meaning;
  }
}
