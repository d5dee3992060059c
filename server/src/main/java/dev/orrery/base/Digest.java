package dev.orrery.base;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// The SHA-256 of some bytes, as 64 lower-case hexadecimal digits.
public record Digest(@JsonValue String hex) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
  private static final MessageDigest FRESH = looked();

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Digest {
    if (!HEX.matcher(hex).matches()) {
      throw new Problem(
          Fault.BAD_NAME,
          "'%s' is not a SHA-256 digest".formatted(Texts.shown(hex)),
          "Give 64 digits of 0-9 and a-f");
    }
  }

  public static Digest of(byte[] bytes) {
    return of(sha256().digest(bytes), true);
  }

  public static Digest of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /// The digest that a finished [#sha256()] has computed.
  public static Digest finish(MessageDigest digest) {
    return of(digest.digest(), true);
  }

  private static Digest of(byte[] hash, boolean isHash) {
    assert isHash;
    return new Digest(HexFormat.of().formatHex(hash));
  }

  /// A fresh SHA-256, to be fed in pieces.
  public static MessageDigest sha256() {
    try {
      // To look for it among the providers takes longer than to hash a short text.
      return (MessageDigest) FRESH.clone();
    } catch (CloneNotSupportedException e) {
      return looked();
    }
  }

  private static MessageDigest looked() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /// The first 12 digits, enough for people to tell two apart.
  public String brief() {
    return hex.substring(0, 12);
  }

  @Override
  public String toString() {
    return hex;
  }
}
