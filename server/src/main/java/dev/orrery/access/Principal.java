package dev.orrery.access;

/// Who calls.
public record Principal(String name, Role role) {
  /// Orrery itself, where it acts by a policy and not for somebody.
  public static final Principal ORRERY = new Principal("orrery", Role.ADMIN);

  public boolean may(Permission permission) {
    return role.allows(permission);
  }
}
