package dev.orrery.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the next page of a search begins, as a client carries it: base64 of a small JSON object
/// with the offset, as MLflow's own, and where it matters the digest of the search it belongs to.
///
/// @param offset how many were handed out before
/// @param search the search this page belongs to; empty if any may use it
/// @param node the whole token
public record PageToken(long offset, String search, JsonNode node) {
  private static final int LENGTH_MAX = 4_000;

  public static String of(long offset) {
    return new PageToken(offset, "", MissingNode.getInstance()).text();
  }

  /// A token that only the same search may use.
  public static String of(long offset, String search) {
    return new PageToken(offset, Digest.of(search).brief(), MissingNode.getInstance()).text();
  }

  /// A token for what goes on after a row, told by the numbers it is sorted by.
  public static String after(List<Long> row) {
    ObjectNode node = Json.MAPPER.createObjectNode().put("offset", 0);
    row.forEach(node.putArray("after")::add);
    return Base64.getEncoder().encodeToString(Json.bytes(node));
  }

  /// The row that a token goes on after; none where it tells an offset.
  public static Optional<List<Long>> row(@Nullable String token, int numbers) {
    JsonNode after =
        parse(token).map(PageToken::node).orElse(MissingNode.getInstance()).path("after");
    if (after.isMissingNode()) return Optional.empty();
    List<Long> row = new ArrayList<>();
    for (JsonNode number : after) {
      if (!number.isIntegralNumber() || !number.canConvertToLong()) throw bad(null);
      row.add(number.longValue());
    }
    if (row.size() != numbers) throw bad(null);
    return Optional.of(row);
  }

  private String text() {
    ObjectNode node = Json.MAPPER.createObjectNode().put("offset", offset);
    if (!search.isEmpty()) node.put("search", search);
    return Base64.getEncoder().encodeToString(Json.bytes(node));
  }

  /// The offset that a token stands for; 0 where there is none.
  ///
  /// @throws Problem BAD_PAGE_TOKEN if it was not handed out here
  public static long offset(@Nullable String token) {
    return parse(token).map(PageToken::offset).orElse(0L);
  }

  /// The offset that a token of this very search stands for.
  public static long offset(@Nullable String token, String search) {
    PageToken parsed = parse(token).orElse(null);
    if (parsed == null) return 0;
    if (!parsed.search.equals(Digest.of(search).brief())) {
      throw new Problem(
          Fault.BAD_PAGE_TOKEN,
          "Invalid page token: it was handed out for another search",
          "Send the filter and the order of the first page, or begin again without a token");
    }
    return parsed.offset;
  }

  private static Optional<PageToken> parse(@Nullable String token) {
    if (token == null || token.isEmpty()) return Optional.empty();
    if (token.length() > LENGTH_MAX) throw bad(null);
    try {
      byte[] bytes = Base64.getMimeDecoder().decode(token.getBytes(StandardCharsets.UTF_8));
      JsonNode node = Json.tree(bytes);
      JsonNode offset = node.path("offset");
      if (!offset.canConvertToLong() || !offset.isIntegralNumber() || offset.asLong() < 0) {
        throw bad(null);
      }
      return Optional.of(new PageToken(offset.asLong(), node.path("search").asText(""), node));
    } catch (IllegalArgumentException | Problem e) {
      throw e instanceof Problem problem && problem.fault() == Fault.BAD_PAGE_TOKEN
          ? problem
          : bad(e);
    }
  }

  private static Problem bad(@Nullable Exception why) {
    var problem =
        new Problem(
            Fault.BAD_PAGE_TOKEN,
            "Invalid page token, could not be decoded",
            "Send a next_page_token as it came, or none for the first page");
    return why == null ? problem : problem.because(why);
  }
}
