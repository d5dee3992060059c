package dev.orrery.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.Semver;
import dev.orrery.base.Semver.Bump;
import dev.orrery.registry.Make.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MakeTest {
  private static final List<Field> INPUTS =
      List.of(new Field("origin", "string"), new Field("distance", "number"));
  private static final List<Field> FEATURES =
      List.of(new Field("route.distance", "number"), new Field("origin_recent.delay_2h", "number"));
  private static final Make FOREST = make("random_forest", 100, FEATURES, INPUTS, "1.0.0");

  private static Make make(
      String kind, int trees, List<Field> features, List<Field> inputs, String featuresVersion) {
    var parameters = new TreeMap<String, String>();
    parameters.put("trees", Integer.toString(trees));
    return new Make(kind, parameters, features, inputs, featuresVersion);
  }

  private static List<Field> more(List<Field> fields, String name) {
    var more = new ArrayList<>(fields);
    more.add(new Field(name, "number"));
    return more;
  }

  @Test
  void the_five_versions_of_the_founding_example() {
    Make retrained = FOREST;
    Make moreFeatures = make("random_forest", 100, more(FEATURES, "route.hour"), INPUTS, "1.1.0");
    Make tuned = make("random_forest", 300, more(FEATURES, "route.hour"), INPUTS, "1.1.0");
    Make boosted = make("xgboost", 300, more(FEATURES, "route.hour"), INPUTS, "1.1.0");

    Semver first = Semver.FIRST;
    Semver second = first.next(FOREST.to(retrained));
    Semver third = second.next(retrained.to(moreFeatures));
    Semver fourth = third.next(moreFeatures.to(tuned));
    Semver fifth = fourth.next(tuned.to(boosted));

    assertThat(List.of(first, second, third, fourth, fifth))
        .extracting(Semver::toString)
        .containsExactly("1.0.0", "1.0.1", "1.1.0", "1.2.0", "2.0.0");
  }

  @Test
  void what_callers_must_send_differently_is_a_major() {
    Make more = make("random_forest", 100, FEATURES, more(INPUTS, "carrier"), "1.0.0");
    Make fewer = make("random_forest", 100, FEATURES, INPUTS.subList(0, 1), "1.0.0");
    Make otherOrder = make("random_forest", 100, FEATURES, INPUTS.reversed(), "1.0.0");
    assertThat(List.of(more, fewer, otherOrder))
        .allSatisfy(later -> assertThat(FOREST.to(later)).isEqualTo(Bump.MAJOR));
  }

  @Test
  void a_feature_that_went_or_changed_its_type_is_a_major() {
    Make fewer = make("random_forest", 100, FEATURES.subList(0, 1), INPUTS, "2.0.0");
    Make retyped =
        make(
            "random_forest",
            100,
            List.of(FEATURES.getFirst(), new Field("origin_recent.delay_2h", "string")),
            INPUTS,
            "2.0.0");
    assertThat(FOREST.to(fewer)).isEqualTo(Bump.MAJOR);
    assertThat(FOREST.to(retyped)).isEqualTo(Bump.MAJOR);
  }

  @Test
  void a_feature_defined_otherwise_is_a_minor() {
    Make redefined = make("random_forest", 100, FEATURES, INPUTS, "2.0.0");
    assertThat(FOREST.to(redefined)).isEqualTo(Bump.MINOR);
  }

  @Test
  void numbers_of_rejected_versions_are_not_used_again() {
    List<Semver> taken =
        List.of(Semver.FIRST, new Semver(1, 0, 1), new Semver(1, 1, 0), new Semver(2, 0, 0));
    assertThat(Registry.next(taken, Semver.FIRST, Bump.PATCH)).isEqualTo(new Semver(1, 0, 2));
    assertThat(Registry.next(taken, Semver.FIRST, Bump.MINOR)).isEqualTo(new Semver(1, 2, 0));
    assertThat(Registry.next(taken, Semver.FIRST, Bump.MAJOR)).isEqualTo(new Semver(3, 0, 0));
  }
}
