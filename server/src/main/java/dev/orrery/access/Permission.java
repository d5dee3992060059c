package dev.orrery.access;

/// What a route asks of its caller.
public enum Permission {
  /// To read what the store holds.
  VIEW,
  /// To write what changes nothing that is served: runs, data, candidates.
  EDIT,
  /// To change what is served: deploy, promote, roll back.
  OPERATE,
  /// To change who may do what, and the server itself.
  ADMIN,
  /// To ask a served model, and to tell it outcomes.
  PREDICT,
  /// Nothing: for health and the like.
  PUBLIC
}
