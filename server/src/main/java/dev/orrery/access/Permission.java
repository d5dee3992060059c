package dev.orrery.access;

/// What a route asks of its caller.
public enum Permission {
  VIEW,
  EDIT,
  OPERATE,
  ADMIN,
  PREDICT,
  PUBLIC
}
