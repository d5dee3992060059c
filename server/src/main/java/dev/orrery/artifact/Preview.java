package dev.orrery.artifact;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.blob.BlobReader;
import dev.orrery.web.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/// A look at the beginning of a file that can do nothing: texts as plain text, pictures only of
/// kinds that hold no script, and only if they are what their name says.
final class Preview {
  private static final int BYTES_MAX = 1 << 20;
  private static final Set<String> PICTURES =
      Set.of("image/png", "image/jpeg", "image/gif", "image/webp");

  private Preview() {}

  static Response of(Artifacts artifacts, Artifact artifact) {
    String name = artifact.path().substring(artifact.path().lastIndexOf('/') + 1);
    String type = ContentTypes.of(name);
    byte[] head = head(artifacts, artifact);
    boolean isPicture = PICTURES.contains(type);
    if (isPicture && isReally(type, head)) {
      if (artifact.size() > BYTES_MAX) throw noPreview(artifact, "is a picture of more than 1 MB");
      return answer(type, head, artifact);
    }
    for (byte b : head) {
      if (b == 0) throw noPreview(artifact, "is neither text nor a picture");
    }
    return answer("text/plain; charset=utf-8", whole(head, artifact.size()), artifact);
  }

  private static Response answer(String type, byte[] body, Artifact artifact) {
    return new Response(200, type, body, Map.of())
        .with("content-disposition", "inline")
        .with("x-orrery-size", Long.toString(artifact.size()))
        .with("x-orrery-truncated", Boolean.toString(body.length < artifact.size()));
  }

  private static byte[] head(Artifacts artifacts, Artifact artifact) {
    ByteBuffer head = ByteBuffer.allocate((int) Math.min(BYTES_MAX, artifact.size()));
    try (BlobReader reader = artifacts.reader(artifact)) {
      while (head.hasRemaining() && reader.read(head.position(), head) > 0) {
        // On to the next piece.
      }
    } catch (IOException e) {
      throw new Problem(
              Fault.BLOB_FAILED,
              "'%s' cannot be read (%s)".formatted(Texts.shown(artifact.path()), e.getMessage()),
              "Look at the disk of the store, and try again")
          .because(e);
    } catch (Problem problem) {
      throw Artifacts.told(artifact, problem);
    }
    return head.array();
  }

  /// The bytes without a character that was cut in two at their end.
  private static byte[] whole(byte[] head, long size) {
    if (head.length == size) return head;
    int end = head.length;
    while (end > 0 && head.length - end < 3 && (head[end - 1] & 0xC0) == 0x80) end--;
    if (end > 0 && (head[end - 1] & 0xC0) == 0xC0) end--;
    return Arrays.copyOf(head, end);
  }

  private static boolean isReally(String type, byte[] head) {
    return switch (type) {
      case "image/png" -> begins(head, 0, 0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A);
      case "image/jpeg" -> begins(head, 0, 0xFF, 0xD8, 0xFF);
      case "image/gif" -> begins(head, 0, 'G', 'I', 'F', '8');
      case "image/webp" ->
          begins(head, 0, 'R', 'I', 'F', 'F') && begins(head, 8, 'W', 'E', 'B', 'P');
      default -> false;
    };
  }

  private static boolean begins(byte[] head, int at, int... bytes) {
    if (head.length < at + bytes.length) return false;
    for (int i = 0; i < bytes.length; i++) {
      if ((head[at + i] & 0xFF) != bytes[i]) return false;
    }
    return true;
  }

  private static Problem noPreview(Artifact artifact, String why) {
    return new Problem(
        Fault.NO_PREVIEW,
        "'%s' %s".formatted(Texts.shown(artifact.path()), why),
        "Download it to look at it");
  }
}
