package dev.orrery.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseTest {
  @Test
  void the_environment_says_who_connects_and_the_password_is_not_shown() {
    var named =
        Database.of(
            "postgres://somebody:secret@rows.example/orrery?sslmode=require",
            Map.of(Database.USER, "orrery", Database.PASSWORD, "hidden"));

    assertThat(named.url()).isEqualTo("jdbc:postgresql://rows.example:5432/orrery?sslmode=require");
    assertThat(named.user()).isEqualTo("orrery");
    assertThat(named.password()).isEqualTo("hidden");
    assertThat(named.toString()).doesNotContain("hidden", "secret");
    assertThat(Database.of("jdbc:postgresql://a:b@h:1/c", Map.of()))
        .isEqualTo(new Database("jdbc:postgresql://h:1/c", "a", "b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://h/c",
        "postgresql://h",
        "postgresql:///c",
        "postgresql://h/c/d",
        "jdbc:h2:mem:x",
        "postgresql://h/c?socketFactory=x.Y",
        "postgresql://h/c?sslmode=require&loggerFile=/etc/x",
        "not a url",
        "postgresql://user:secret@h"
      })
  void what_is_no_postgresql_database_is_refused(String text) {
    assertThatThrownBy(() -> Database.of(text, Map.of()))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.BAD_DATABASE))
        .message()
        .doesNotContain("secret");
  }

  @Test
  void rows_belong_to_one_home() {
    try (Db db = Databases.POSTGRES.fresh()) {
      db.claim("first");
      db.claim("first");
      assertThatThrownBy(() -> db.claim("second"))
          .isInstanceOfSatisfying(
              Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.DATABASE_TAKEN));
    }
  }
}
