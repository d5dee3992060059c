package dev.orrery.artifact;

/// Where the files of things lie, as their parts know it: locations such as
/// `mlflow-artifacts:/0/4f2.../artifacts`.
public interface Locations {
  /// @throws dev.orrery.base.Problem of kind NOT_FOUND if there is no such run
  String run(String id);

  /// @param id of a logged model
  String model(String id);

  /// @param version of a registered model
  String version(String model, String version);
}
