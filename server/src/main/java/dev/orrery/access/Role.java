package dev.orrery.access;

/// What a principal is trusted with; each role includes the ones before it.
public enum Role {
  VIEWER,
  EDITOR,
  OPERATOR,
  ADMIN
}
