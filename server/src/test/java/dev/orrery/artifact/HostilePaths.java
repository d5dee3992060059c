package dev.orrery.artifact;

import java.util.ArrayList;
import java.util.List;

/// Spellings that mean, or could be taken to mean, anything else than a plain relative path; as
/// they stand once a URL has been decoded.
final class HostilePaths {
  private HostilePaths() {}

  static List<String> all() {
    List<String> all = new ArrayList<>();
    // Up and out, in every dress.
    for (String up :
        List.of(
            "..", ".", "...", "....", ". .", "..;", ".;", "..;a", ";", " ..", ".. ", "..  ", "")) {
      all.add(up);
      all.add(up + "/etc/passwd");
      all.add("a/" + up + "/b");
      all.add("a/b/" + up);
    }
    for (String dots :
        List.of(
            "%2e%2e",
            "%2E%2E",
            "%2e.",
            ".%2e",
            "%2e%2E",
            "%252e%252e",
            "%c0%ae%c0%ae",
            "%C0%AE",
            "%e0%80%ae",
            "%u002e%u002e",
            "%2e%2e%2f",
            "..%2f",
            "..%2F",
            "..%5c",
            "..%5C",
            "%2f",
            "%5c",
            "%00",
            "a%00.txt",
            "%252f",
            "%25",
            "%25%32%66")) {
      all.add(dots + "/x");
      all.add("a/" + dots);
    }
    // Absolute, drives, shares, schemes.
    all.addAll(
        List.of(
            "/",
            "/etc/passwd",
            "//etc/passwd",
            "///",
            "/a/b",
            "~/x",
            "~root/x",
            "C:/x",
            "c:x",
            "C:\\Windows",
            "\\\\host\\share",
            "\\a",
            "a\\b",
            "a\\..\\b",
            "..\\x",
            "\\\\?\\C:\\x",
            "file:/etc/passwd",
            "file:///etc/passwd",
            "http://host/x",
            "s3://b/k",
            "runs:/x",
            "x:y",
            "jar:file:x!/y",
            "data:text/plain,x",
            "mlflow-artifacts:/0/x"));
    // What hides, ends or turns a text.
    for (String bad :
        List.of(
            "\0", "\n", "\r", "\t", "\u0001", "\u001b", "\u007f", "\u0085", "\u200b", "\u200e",
            "\u202e", "\u2066", "\u2069", "\ufeff", "\u2028", "\u2029", "\u00ad", "\ud800",
            "\ue000", "#", "?", "\u061c", "\ufff9")) {
      all.add("a" + bad + "b");
      all.add("a/" + bad + "/b");
    }
    // Not in the form NFC: the same letters in two spellings are two files to some and one to
    // others.
    all.addAll(List.of("e\u0301.txt", "a/n\u0303.txt", "\u212b.txt", "\u1100\u1161.txt", "\ufb1d"));
    // Too long, too deep.
    all.add("a".repeat(256));
    all.add("\u00e9".repeat(128));
    all.add("a/".repeat(64) + "b");
    all.add("a/".repeat(600) + "b");
    all.add(("a".repeat(200) + "/").repeat(6) + "b");
    all.add("a//b");
    all.add("a/");
    all.add("a/b//");
    return all;
  }
}
