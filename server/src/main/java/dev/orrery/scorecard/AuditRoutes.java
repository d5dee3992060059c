package dev.orrery.scorecard;

import dev.orrery.access.Audit;
import dev.orrery.access.Permission;
import dev.orrery.web.Response;
import dev.orrery.web.Routes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `/api/v1/audit`: what was done by whom, and whether that record is whole.
public final class AuditRoutes {
  private static final int NEWEST = 100;
  private static final int NEWEST_MAX = 1_000;

  private AuditRoutes() {}

  private record Entries(List<Audit.Entry> entries) {}

  /// @param head the hash of the last entry: kept elsewhere, it shows whether the end was cut off
  /// @param entry the first that is not as it was written
  private record Verdict(
      boolean sound,
      @Nullable Long entries,
      @Nullable String head,
      @Nullable Long entry,
      @Nullable String how) {}

  public static void add(Routes routes, Audit audit) {
    routes.get(
        "/api/v1/audit?limit",
        Permission.ADMIN,
        request ->
            Response.json(
                new Entries(audit.newest(request.number("limit", NEWEST, 1, NEWEST_MAX)))));
    routes.get(
        "/api/v1/audit/verify",
        Permission.ADMIN,
        _ ->
            Response.json(
                switch (audit.verify()) {
                  case Audit.Verdict.Sound sound ->
                      new Verdict(true, sound.entries(), sound.head(), null, null);
                  case Audit.Verdict.Broken broken ->
                      new Verdict(false, null, null, broken.seq(), broken.how());
                }));
  }
}
