package dev.orrery.registry;

import dev.orrery.project.Project;
import org.jspecify.annotations.Nullable;

/// What a project asks of the versions of its model; other models are asked for nothing.
///
/// @param model the project's; null where there is no project
/// @param gates whether a version needs passed gates to reach Production
/// @param approval whether it needs another person's approval, too
public record Rules(@Nullable String model, boolean gates, boolean approval, LineageRule lineage) {
  public static final Rules NONE = new Rules(null, false, false, LineageRule.NONE);

  /// What a project's definitions ask for.
  public static Rules of(Project project) {
    if (project.model().isEmpty()) return NONE;
    return new Rules(
        project.model().text("name", project.name().text()),
        !project.gates().isEmpty(),
        project.registry().flag("approval", false),
        VersioningBlock.read(project.versioning()));
  }

  boolean cover(String name) {
    return name.equals(model);
  }
}
