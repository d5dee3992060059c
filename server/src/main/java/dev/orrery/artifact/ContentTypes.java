package dev.orrery.artifact;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What a file is announced as, by its name alone; never as anything a browser would run.
final class ContentTypes {
  static final String TEXT = "text/plain";
  static final String BINARY = "application/octet-stream";

  /// As MLflow has them, with HTML and styles, which it announces as what they are.
  private static final Set<String> TEXTS =
      Set.of(
          "txt",
          "log",
          "err",
          "cfg",
          "conf",
          "cnf",
          "cf",
          "ini",
          "properties",
          "prop",
          "hocon",
          "toml",
          "yaml",
          "yml",
          "xml",
          "json",
          "js",
          "mjs",
          "py",
          "py3",
          "csv",
          "tsv",
          "md",
          "rst",
          "mlmodel",
          "mlproject",
          "html",
          "htm",
          "xhtml",
          "css",
          "java",
          "sh",
          "sql",
          "jsonl",
          "lock",
          "svg",
          "ts",
          "r");

  private static final Map<String, String> OTHERS =
      Map.ofEntries(
          Map.entry("png", "image/png"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("jpeg", "image/jpeg"),
          Map.entry("gif", "image/gif"),
          Map.entry("webp", "image/webp"),
          Map.entry("bmp", "image/bmp"),
          Map.entry("tif", "image/tiff"),
          Map.entry("tiff", "image/tiff"),
          Map.entry("pdf", "application/pdf"),
          Map.entry("zip", "application/zip"),
          Map.entry("tar", "application/x-tar"),
          Map.entry("mp3", "audio/mpeg"),
          Map.entry("wav", "audio/x-wav"),
          Map.entry("mp4", "video/mp4"),
          Map.entry("webm", "video/webm"));

  private ContentTypes() {}

  static String of(String name) {
    int dot = name.lastIndexOf('.');
    // A name without an ending is a text, as MLmodel and LICENSE are.
    if (dot < 0) return TEXT;
    String ending = name.substring(dot + 1).toLowerCase(Locale.ROOT);
    return TEXTS.contains(ending) ? TEXT : OTHERS.getOrDefault(ending, BINARY);
  }
}
