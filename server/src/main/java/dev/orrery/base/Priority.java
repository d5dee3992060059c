package dev.orrery.base;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/// What a thread is worth to the system.
public final class Priority {
  private static final int LESS = 5;

  /// Of `PRIO_PROCESS` in `sys/resource.h`; who is 0 is the caller, on Linux the calling thread.
  private static final int PROCESS = 0;

  private Priority() {}

  /// Lets those that somebody waits for go before the calling thread, from now on, where the system
  /// keeps a priority for each thread: on Linux. Elsewhere nothing happens.
  ///
  /// @return whether it was done
  public static boolean giveWay() {
    if (!System.getProperty("os.name", "").equals("Linux")) return false;
    try {
      Linker linker = Linker.nativeLinker();
      SymbolLookup libc = linker.defaultLookup();
      MethodHandle get =
          linker.downcallHandle(
              libc.findOrThrow("getpriority"), FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
      MethodHandle set =
          linker.downcallHandle(
              libc.findOrThrow("setpriority"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
      int now = (int) get.invokeExact(PROCESS, 0);
      return (int) set.invokeExact(PROCESS, 0, Math.min(now + LESS, 19)) == 0;
    } catch (Throwable _) {
      // It is as before then.
      return false;
    }
  }
}
