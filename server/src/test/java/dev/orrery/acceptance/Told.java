package dev.orrery.acceptance;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives tests the [Story], and a server [Up] on a copy of its first home: each made once, when it
/// is first asked for, and shared by every class.
final class Told implements ParameterResolver {
  private static final ExtensionContext.Namespace ALL =
      ExtensionContext.Namespace.create(Told.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Story.class || type == Up.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    var store = context.getRoot().getStore(ALL);
    Story story = store.computeIfAbsent(Story.class, _ -> made(Story::tell), Story.class);
    if (parameter.getParameter().getType() == Story.class) return story;
    return store.computeIfAbsent(
        Up.class, _ -> made(() -> Up.on(story.copy(story.folder().resolve("up")))), Up.class);
  }

  private interface Maker<T> {
    T make() throws Exception;
  }

  private static <T> T made(Maker<T> maker) {
    try {
      return maker.make();
    } catch (Exception e) {
      throw new IllegalStateException("the story cannot be told", e);
    }
  }
}
