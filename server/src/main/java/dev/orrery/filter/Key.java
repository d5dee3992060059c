package dev.orrery.filter;

/// What is compared or ordered by.
///
/// @param entity by its own name, whatever alias was written: `attribute`, `metric`, `param`, `tag`
/// @param name of an attribute its own name, of the others as written
public record Key(String entity, String name) {
  /// The entity of what stands without a prefix.
  public static final String ATTRIBUTE = "attribute";

  public boolean isAttribute() {
    return entity.equals(ATTRIBUTE);
  }

  @Override
  public String toString() {
    return entity + "." + name;
  }
}
