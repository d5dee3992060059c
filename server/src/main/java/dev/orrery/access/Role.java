package dev.orrery.access;

/// What a principal is trusted with; each role includes the ones before it.
public enum Role {
  VIEWER,
  EDITOR,
  OPERATOR,
  ADMIN;

  /// Whether this role is enough for that permission. To ask a model, to look is enough.
  public boolean allows(Permission permission) {
    return switch (permission) {
      case PUBLIC -> true;
      case VIEW, PREDICT -> includes(VIEWER);
      case EDIT -> includes(EDITOR);
      case OPERATE -> includes(OPERATOR);
      case ADMIN -> includes(ADMIN);
    };
  }

  public boolean includes(Role other) {
    return compareTo(other) >= 0;
  }
}
