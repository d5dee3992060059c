package dev.orrery.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.VirtualClock;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AccessTest {
  private final VirtualClock clock = new VirtualClock(Instant.parse("2001-03-01T00:00:00Z"));

  @Test
  void each_role_may_what_the_ones_before_it_may_and_more() {
    assertThat(allowed(Role.VIEWER))
        .isEqualTo(EnumSet.of(Permission.PUBLIC, Permission.VIEW, Permission.PREDICT));
    assertThat(allowed(Role.EDITOR))
        .containsAll(allowed(Role.VIEWER))
        .contains(Permission.EDIT)
        .doesNotContain(Permission.OPERATE, Permission.ADMIN);
    assertThat(allowed(Role.OPERATOR))
        .containsAll(allowed(Role.EDITOR))
        .contains(Permission.OPERATE)
        .doesNotContain(Permission.ADMIN);
    assertThat(allowed(Role.ADMIN)).isEqualTo(EnumSet.allOf(Permission.class));
  }

  @ParameterizedTest
  @EnumSource
  void the_audit_log_is_sound_however_many_write_it(Databases database) throws Exception {
    try (Db db = database.fresh()) {
      Audit audit = new Audit(db, clock);
      assertThat(audit.verify()).isEqualTo(new Audit.Verdict.Sound(0, "0".repeat(64)));
      List<Callable<Audit.Entry>> works = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String target = "model/" + i;
        works.add(() -> db.write(tx -> audit.append(tx, "kim", "promote", target, detail(target))));
      }
      try (var threads = Executors.newFixedThreadPool(6)) {
        for (Future<Audit.Entry> entry : threads.invokeAll(works)) entry.get();
      }
      List<Audit.Entry> newest = audit.newest(100);
      assertThat(newest).hasSize(40);
      assertThat(audit.verify()).isEqualTo(new Audit.Verdict.Sound(40, newest.getFirst().hash()));
      assertThat(newest.getLast().seq()).isEqualTo(1);
      assertThat(newest.getFirst().at()).isEqualTo(clock.instant());
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_changed_or_removed_entry_is_found(Databases database) {
    for (String harm :
        List.of(
            "update audit set who = 'lee' where seq = 3",
            "update audit set detail = '{}' where seq = 3",
            "update audit set at = at + 1 where seq = 3",
            "update audit set hash = previous where seq = 3",
            "delete from audit where seq = 2")) {
      try (Db db = database.fresh()) {
        Audit audit = new Audit(db, clock);
        for (int i = 0; i < 5; i++) {
          db.write(tx -> audit.append(tx, "kim", "rollback", "late-arrival", detail("x")));
        }
        db.update(harm);
        assertThat(audit.verify())
            .as(harm)
            .isInstanceOfSatisfying(
                Audit.Verdict.Broken.class, broken -> assertThat(broken.seq()).isEqualTo(3));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_did_not_happen_is_not_in_the_log(Databases database) {
    try (Db db = database.fresh()) {
      Audit audit = new Audit(db, clock);
      Problem problem =
          catchThrowableOfType(
              Problem.class,
              () ->
                  db.write(tx -> {
                    audit.append(tx, "kim", "promote", "a", detail("x"));
                    return audit.append(tx, "kim", "promote", "b", detail("x".repeat(70_000)));
                  }));
      assertThat(problem.fault()).isEqualTo(Fault.AUDIT_TOO_LARGE);
      assertThat(audit.newest(10)).isEmpty();
    }
  }

  private static EnumSet<Permission> allowed(Role role) {
    EnumSet<Permission> allowed = EnumSet.allOf(Permission.class);
    allowed.removeIf(permission -> !new Principal("kim", role).may(permission));
    return allowed;
  }

  private static JsonNode detail(String text) {
    return Json.MAPPER.createObjectNode().put("text", text);
  }
}
