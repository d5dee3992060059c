package dev.orrery.project;

import dev.orrery.base.Quantity.Dimension;
import dev.orrery.project.Shape.Amount;
import dev.orrery.project.Shape.Block;
import dev.orrery.project.Shape.Either;
import dev.orrery.project.Shape.Flag;
import dev.orrery.project.Shape.Items;
import dev.orrery.project.Shape.Key;
import dev.orrery.project.Shape.Names;
import dev.orrery.project.Shape.Number;
import dev.orrery.project.Shape.Text;
import dev.orrery.project.Shape.Whole;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/// The keys of `serve`, and of `ab_test.yaml` as the founding documents write it.
final class ServeKeys {
  private static final Amount SPAN = new Amount("A time", Set.of(Dimension.SECONDS));

  private ServeKeys() {}

  static Block block() {
    return block(
        "How the model is served",
        key("endpoint", text("The name under which it answers")),
        key("port", new Whole("The port, unless the command names one", 1, 65_535)),
        key(
            "strategy",
            words("How a new version is released", "blue_green", "canary", "shadow", "ab_test")),
        key("canary", canary()),
        key("ab_test", abTest()),
        key("key", text("The column of a row by which callers are told apart")),
        key("fallback", fallback()),
        key("log", log()),
        key("shadow", words("Who keeps running without being answered", "first", "none")));
  }

  private static Block canary() {
    Shape share =
        new Amount("A share, or the least value", Set.of(Dimension.NUMBER, Dimension.SHARE));
    Shape limit = either("A limit; true for the champion's", new Flag("true"), share);
    Shape worse = new Flag("true, for worse than the champion");
    Shape late = either("A limit; true for half more than the champion's", new Flag("true"), SPAN);
    Block rules =
        block(
            "What stops it, with limits",
            key("error_rate", limit),
            key("log_loss", worse),
            key("p99", late),
            key("auc_roc", limit),
            key("accuracy", limit),
            key("precision", limit),
            key("recall", limit),
            key("psi", limit));
    String[] known = rules.keys().keySet().toArray(String[]::new);
    return block(
        "A release in steps",
        key(
            "steps",
            new Items(
                "Percentages, one after another",
                new Whole("A percentage of the traffic", 1, 100))),
        key("hold", new Amount("How long each step lasts", Set.of(Dimension.SECONDS))),
        key(
            "abort_on",
            either(
                "What stops it",
                new Items("Rules", either("A rule", words("A rule", known), rules)),
                rules)));
  }

  private static Block abTest() {
    Block variant =
        block(
            "A version under test",
            key("model_version", text("Its version; left out for the one that is deployed")),
            required("traffic_percentage", new Number("Its share of the callers", 0.01, 99.99)));
    Block metrics =
        block(
            "What is compared",
            required(
                "primary",
                text("What decides: conversion_rate, accuracy, log_loss, brier or an outcome")),
            key("direction", words("Which way it is good", "higher", "lower")),
            key(
                "secondary",
                new Items(
                    "What must not become worse",
                    words("A guardrail", "latency_p99", "error_rate"))));
    return block(
            "A test of versions against each other",
            required("experiment_name", text("Its name, by which callers are split")),
            required("variants", new Names("Versions by name; one is 'control'", variant)),
            required("metrics", metrics),
            required("duration_days", new Number("Before which there is no verdict", 0.001, 3_650)),
            required(
                "min_sample_size",
                new Whole("Known outcomes a variant, before which too", 2, 1_000_000_000L)),
            key("promote", new Flag("Whether the winner takes all traffic by itself; false")))
        .calledInFiles("ab_test_config");
  }

  private static Block fallback() {
    return block(
        "What answers when the champion fails or is late",
        key("version", text("Another version of the model")),
        key("rule", text("A comparison of a feature: 1 where it holds, else 0")),
        key("score", new Number("One score for all", 0, 1)),
        key("deadline", new Amount("How long the champion may take", Set.of(Dimension.SECONDS))));
  }

  private static Block log() {
    return block(
        "What the log keeps of a prediction",
        key("features", words("Of its features and columns", "full", "digest", "none")));
  }

  private record Named(String name, Key key) {}

  private static Named key(String name, Shape shape) {
    return new Named(name, new Key(shape, false));
  }

  private static Named required(String name, Shape shape) {
    return new Named(name, new Key(shape, true));
  }

  private static Block block(String about, Named... keys) {
    SequencedMap<String, Key> map = new LinkedHashMap<>();
    for (Named key : keys) map.put(key.name(), key.key());
    return new Block(about, Collections.unmodifiableSequencedMap(map), Set.of());
  }

  private static Either either(String about, Shape... shapes) {
    return new Either(about, List.of(shapes));
  }

  private static Text text(String about) {
    return new Text(about, Set.of());
  }

  private static Text words(String about, String... words) {
    return new Text(about, Collections.unmodifiableSet(new LinkedHashSet<>(List.of(words))));
  }
}
