package dev.orrery.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A page of the documentation: its prose, its code and its links.
///
/// @param file the page
/// @param prose its lines outside of fenced blocks
/// @param blocks its fenced blocks
record Page(Path file, List<String> prose, List<Block> blocks) {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
  private static final Pattern LINK =
      Pattern.compile("\\]\\(([^)\\s]+)[^)]*\\)|(?:src|srcset|href)=\"([^\"]+)\"");
  private static final Set<String> NOT_OURS = Set.of("node_modules", "target", "dist");

  /// @param info what stands behind the fence: `yaml project`
  record Block(String info, String text) {}

  /// Every page of the repository.
  static List<Page> all() throws IOException {
    List<Page> pages = new ArrayList<>();
    try (var files = Files.walk(ROOT)) {
      for (Path file : files.filter(Page::isPage).sorted().toList()) pages.add(read(file));
    }
    return pages;
  }

  private static boolean isPage(Path file) {
    Path inside = ROOT.relativize(file);
    for (Path name : inside) {
      if (NOT_OURS.contains(name.toString()) || name.toString().startsWith(".")) return false;
    }
    return file.toString().endsWith(".md") && !inside.startsWith("server");
  }

  private static Page read(Path file) throws IOException {
    List<String> prose = new ArrayList<>();
    List<Block> blocks = new ArrayList<>();
    StringBuilder block = null;
    String info = "";
    for (String line : Files.readAllLines(file)) {
      if (line.strip().startsWith("```")) {
        if (block == null) {
          info = line.strip().substring(3).strip();
          block = new StringBuilder();
        } else {
          blocks.add(new Block(info, block.toString()));
          block = null;
        }
      } else if (block != null) {
        block.append(line).append('\n');
      } else {
        prose.add(line);
      }
    }
    return new Page(file, prose, blocks);
  }

  String name() {
    return ROOT.relativize(file).toString();
  }

  /// What is written as code, in blocks and in lines.
  List<String> code() {
    List<String> code = new ArrayList<>();
    blocks.forEach(block -> code.addAll(block.text().lines().toList()));
    for (String line : prose) {
      Matcher span = SPAN.matcher(line);
      while (span.find()) code.add(span.group(1));
    }
    return code;
  }

  /// Everything, line by line.
  List<String> lines() {
    List<String> lines = new ArrayList<>(prose);
    blocks.forEach(block -> lines.addAll(block.text().lines().toList()));
    return lines;
  }

  /// Where its links lead.
  List<String> links() {
    List<String> links = new ArrayList<>();
    for (String line : prose) {
      Matcher link = LINK.matcher(SPAN.matcher(line).replaceAll(""));
      while (link.find()) links.add(link.group(1) == null ? link.group(2) : link.group(1));
    }
    return links;
  }

  /// The names by which its headings can be linked to.
  Set<String> anchors() {
    return prose.stream()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+\\s*", "").toLowerCase(Locale.ROOT))
        .map(line -> line.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }
}
