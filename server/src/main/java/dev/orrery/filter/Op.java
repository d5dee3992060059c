package dev.orrery.filter;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/// How a key is compared with a value.
public enum Op {
  EQ("="),
  NE("!="),
  GT(">"),
  GE(">="),
  LT("<"),
  LE("<="),
  /// Case matters; `%` is any text and `_` any character.
  LIKE("LIKE"),
  /// As LIKE, and case does not matter.
  ILIKE("ILIKE"),
  IN("IN"),
  NOT_IN("NOT IN");

  /// What numbers and times are compared by.
  public static final Set<Op> NUMBERS = set(EQ, NE, GT, GE, LT, LE);

  /// What texts are compared by.
  public static final Set<Op> TEXTS = set(EQ, NE, LIKE, ILIKE);

  /// What texts are compared by that may also be one of a list.
  public static final Set<Op> LISTS = set(EQ, NE, LIKE, ILIKE, IN, NOT_IN);

  private final String text;

  Op(String text) {
    this.text = text;
  }

  /// As it is written, which is also how SQL writes it, but for ILIKE.
  public String text() {
    return text;
  }

  static String listed(Set<Op> ops) {
    return ops.stream().map(Op::text).collect(Collectors.joining(", "));
  }

  private static Set<Op> set(Op... ops) {
    return Collections.unmodifiableSet(EnumSet.copyOf(Arrays.asList(ops)));
  }
}
