package dev.orrery.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What passes the guard does not depend on how the network cuts it up.
class WireGuardTest {
  private static final String[] SOUND = {
    "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\nhello\r\n\r\nGE",
    "POST /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: Chunked\r\n\r\n"
        + "5\r\nhello\r\nA;x=\"y\"\r\n0123456789\r\n0\r\n\r\n",
    "DELETE /d HTTP/1.0\r\nHost: localhost\r\nX-Empty:\r\n\r\n",
    "PUT /e HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
  };

  private static final String[] UNSOUND = {
    "GET /x HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "GET /x HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
    "GET /x HTTP/1.1\nHost: localhost\n\n",
    "POST /x HTTP/1.1\r\n"
        + "Host: localhost\r\n"
        + "Content-Length: 1\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n",
    "\r\nGET /x HTTP/1.1\r\nHost: localhost\r\n\r\n",
  };

  private final Wire wire = new Wire(WebOptions.anyPort());

  /// What comes out behind the guard when this goes in, cut by the random numbers.
  private String passed(String all, Random random) {
    EmbeddedChannel channel = new EmbeddedChannel(new WireGuard(wire));
    byte[] bytes = all.getBytes(StandardCharsets.ISO_8859_1);
    int at = 0;
    while (at < bytes.length) {
      int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextInt(200) + 1));
      channel.writeInbound(Unpooled.buffer().writeBytes(bytes, at, length));
      at += length;
    }
    StringBuilder out = new StringBuilder();
    for (ByteBuf next = channel.readInbound(); next != null; next = channel.readInbound()) {
      out.append(next.toString(StandardCharsets.ISO_8859_1));
      assertThat(next.release()).isTrue();
    }
    channel.finishAndReleaseAll();
    return out.toString();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void sound_requests_pass_as_they_are(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      StringBuilder all = new StringBuilder();
      for (int i = random.nextInt(6); i >= 0; i--) all.append(SOUND[random.nextInt(SOUND.length)]);
      assertThat(passed(all.toString(), random)).isEqualTo(all.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void after_an_unsound_one_nothing_passes_but_its_refusal(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      StringBuilder sound = new StringBuilder();
      for (int i = random.nextInt(3); i > 0; i--) sound.append(SOUND[random.nextInt(SOUND.length)]);
      String unsound = UNSOUND[random.nextInt(UNSOUND.length)];
      String passed = passed(sound + unsound + SOUND[0] + SOUND[1], random);
      assertThat(passed).startsWith(sound);
      String refusal = passed.substring(sound.length());
      assertThat(refusal).startsWith("GET /").contains(Wire.REFUSAL).endsWith("\r\n\r\n");
      assertThat(refusal.indexOf("\r\n\r\n")).isEqualTo(refusal.length() - 4);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void damaged_requests_break_nothing(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 3; i++) all.append(SOUND[random.nextInt(SOUND.length)]);
      for (int i = random.nextInt(4); i >= 0; i--) {
        all.setCharAt(random.nextInt(all.length()), (char) random.nextInt(256));
      }
      String text = all.toString();
      int cuts = random.nextInt();
      String once = passed(text, new Random(cuts));
      assertThat(once.contains(Wire.REFUSAL) || text.startsWith(once) || once.endsWith("Z\r\n"))
          .isTrue();
    }
  }

  @Test
  void the_preface_of_http_2_opens_the_gate_for_its_connection() {
    String all = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004anything\n";
    assertThat(passed(all, new Random(1))).isEqualTo(all);
  }
}
