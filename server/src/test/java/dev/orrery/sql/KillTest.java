package dev.orrery.sql;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.ChildJvm;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a killed process was told is written, is written; and each work is there whole or not.
class KillTest {
  /// Writes from eight threads until it is killed, and prints what was acknowledged.
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) {
      Db db = Databases.valueOf(args[0]).open(args[1]);
      for (int t = 0; t < 8; t++) {
        String name = args[2] + "-" + t + "-";
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < 1_000_000; i++) {
                String key = name + i;
                db.write(tx ->
                    tx.update("insert into half values (?, 1)", key)
                        + tx.update("insert into half values (?, 2)", key));
                System.out.println(key);
              }
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void every_acknowledged_write_survives_kill_9(Databases database) throws Exception {
    Random random = new Random(13);
    String address = database.address();
    try (Db db = database.open(address)) {
      db.update("create table half (key text, part bigint, primary key (key, part))");
    }
    List<String> acknowledged = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      try (ChildJvm child = ChildJvm.start(Writer.class, database, address, round)) {
        int lines = 20 + random.nextInt(150);
        for (int i = 0; i < lines; i++) acknowledged.add(requireNonNull(child.line()));
        child.kill();
        // What stood in the pipe was acknowledged too; its last line may be torn.
        List<String> rest = new ArrayList<>();
        for (String line = child.line(); line != null; line = child.line()) rest.add(line);
        if (!rest.isEmpty()) rest.removeLast();
        acknowledged.addAll(rest);
      }
    }
    try (Db db = database.open(address)) {
      assertThat(db.query("select key from half where part = 1", row -> row.text("key")))
          .containsAll(acknowledged);
      assertThat(
              db.query(
                  "select key from half group by key having count(*) <> 2", row -> row.text("key")))
          .isEmpty();
    }
  }
}
