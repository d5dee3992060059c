package dev.orrery.tracking;

import java.util.concurrent.ThreadLocalRandom;

/// Names for runs that nobody named, such as `brisk-comet-417`.
final class RunNames {
  private static final String[] ADJECTIVES = {
    "able", "agile", "amber", "ample", "ardent", "autumn", "bold", "brave", "bright", "brisk",
    "calm", "candid", "clever", "crisp", "curious", "daring", "deft", "eager", "early", "earnest",
    "fair", "fleet", "fond", "frank", "gentle", "glad", "golden", "grand", "hardy", "honest",
    "humble", "jolly", "keen", "kind", "lively", "loyal", "lucid", "lucky", "merry", "mild",
    "modest", "neat", "nimble", "noble", "patient", "placid", "plucky", "polite", "proud", "quick",
    "quiet", "rapid", "ready", "rustic", "serene", "sharp", "silent", "silver", "sincere", "spry",
    "steady", "stout", "sunny", "sure", "swift", "tidy", "tranquil", "trusty", "vivid", "warm"
  };
  private static final String[] NOUNS = {
    "acorn", "anchor", "arch", "aster", "badger", "beacon", "birch", "bison", "brook", "canyon",
    "cedar", "cliff", "clover", "comet", "coral", "crane", "creek", "delta", "dune", "eagle",
    "ember", "falcon", "fern", "finch", "fjord", "forest", "fox", "garnet", "glade", "grove",
    "harbor", "hawk", "heron", "island", "jasper", "lagoon", "lark", "ledge", "lynx", "maple",
    "marten", "meadow", "meteor", "moon", "moss", "oak", "orbit", "otter", "owl", "pebble",
    "pine", "planet", "prairie", "quartz", "raven", "reef", "ridge", "river", "robin", "sparrow",
    "spruce", "stone", "summit", "swan", "thicket", "tide", "tundra", "valley", "willow", "wren"
  };

  private RunNames() {}

  static String any() {
    var random = ThreadLocalRandom.current();
    return "%s-%s-%d"
        .formatted(
            ADJECTIVES[random.nextInt(ADJECTIVES.length)],
            NOUNS[random.nextInt(NOUNS.length)],
            random.nextInt(1_000));
  }
}
