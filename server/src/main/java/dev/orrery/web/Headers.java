package dev.orrery.web;

/// The headers that keep a browser from doing harm with what is answered.
final class Headers {
  /// For the console: its own files only, no inline script, no frame around it. Images may stand in
  /// the page itself: so a drawing of a run is shown as an image, in which no script runs.
  static final String CONSOLE_POLICY =
      "default-src 'self'; script-src 'self'; img-src 'self' data:; object-src 'none'; base-uri"
          + " 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for"
          + " 'script'";

  /// For reports: nothing but what stands in the page.
  static final String REPORT_POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self';"
          + " sandbox";

  /// For everything that is not a page.
  static final String DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";

  private Headers() {}
}
