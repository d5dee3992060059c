package dev.orrery.web;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.IDN;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// The one way in which this server calls another address that a user has given.
///
/// A name is resolved once, and the connection goes to the address that was looked at: what the
/// name means a moment later does not matter. Only public addresses are called, over HTTPS, unless
/// the operator has listed the host. No redirect is followed, nothing takes longer than 5 s, and no
/// more than 64 KB of an answer is read. Safe for use by many threads.
public final class Outbound {
  private static final int ANSWER_BYTES_MAX = 64 << 10;
  private static final int HEAD_BYTES_MAX = 16 << 10;
  private static final int HOST_MAX = 253;
  private static final Duration WITHIN = Duration.ofSeconds(5);

  private static final ScheduledExecutorService REAPER =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("orrery-outbound").factory());

  /// What was answered.
  ///
  /// @param body its first 64 KB at most
  /// @param retryAfter as it was sent; empty if it was not
  public record Reply(int status, byte[] body, String retryAfter, Duration took) {
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /// An IPv4 address with a part that some read as octal.
  private static final Pattern ODD_ADDRESS = Pattern.compile("(\\d+\\.)*0\\d+(\\.\\d+)*");

  /// An address that was looked at.
  private record Target(String scheme, String host, int port, String path) {}

  private final Set<String> allowed = new HashSet<>();

  /// @param allowed hosts that may be called over plain HTTP and wherever they are: names or
  ///   addresses, with or without a port
  public Outbound(Collection<String> allowed) {
    for (String host : allowed) {
      if (!host.isBlank()) this.allowed.add(host.strip().toLowerCase(Locale.ROOT));
    }
  }

  /// The hosts in a comma-separated list.
  public static List<String> hosts(String list) {
    return Arrays.stream(list.split(",")).map(String::strip).filter(h -> !h.isEmpty()).toList();
  }

  /// Refuses an address that will never be called; whether a name leads to a public address is
  /// looked at when it is called.
  ///
  /// @throws Problem OUTBOUND_REFUSED that says why
  public void check(String url) {
    Target target = target(url);
    if (isAllowed(target)) return;
    if (isLocal(target.host())) throw refused("'%s' is this machine".formatted(shown(target)));
    if (ODD_ADDRESS.matcher(target.host()).matches()) {
      throw refused("'%s' may be read as more than one address".formatted(shown(target)));
    }
    if (isLiteral(target.host())) {
      try {
        requirePublic(target, InetAddress.getByName(target.host()));
      } catch (UnknownHostException e) {
        throw refused("'%s' is no address".formatted(Texts.shown(target.host()))).because(e);
      }
    }
  }

  /// Sends a body and reads the answer.
  ///
  /// @throws Problem OUTBOUND_REFUSED if the address may not be called
  /// @throws Problem OUTBOUND_FAILED if it does not answer
  public Reply post(String url, Map<String, String> headers, byte[] body) {
    Target target = target(url);
    InetAddress address = resolve(target);
    long start = System.nanoTime();
    try (Socket plain = new Socket()) {
      ScheduledFuture<?> deadline =
          REAPER.schedule(() -> close(plain), WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      try {
        plain.setTcpNoDelay(true);
        plain.setSoTimeout((int) WITHIN.toMillis());
        plain.connect(new InetSocketAddress(address, target.port()), (int) WITHIN.toMillis());
        Socket socket = target.scheme().equals("https") ? secure(plain, target) : plain;
        socket.getOutputStream().write(head(target, headers, body.length));
        socket.getOutputStream().write(body);
        socket.getOutputStream().flush();
        return OutboundAnswer.read(
            socket.getInputStream(), HEAD_BYTES_MAX, ANSWER_BYTES_MAX, start);
      } finally {
        deadline.cancel(false);
      }
    } catch (IOException e) {
      throw new Problem(
              Fault.OUTBOUND_FAILED,
              "%s does not answer as it should: %s"
                  .formatted(shown(target), Texts.shown(String.valueOf(e.getMessage()))),
              "Look whether it listens there and answers within 5 s")
          .because(e);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // It is given up.
    }
  }

  private static SSLSocket secure(Socket plain, Target target) throws IOException {
    var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    var socket = (SSLSocket) factory.createSocket(plain, target.host(), target.port(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    if (!isLiteral(target.host())) {
      parameters.setServerNames(List.of(new SNIHostName(target.host())));
    }
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static byte[] head(Target target, Map<String, String> headers, int length) {
    boolean usual = target.port() == (target.scheme().equals("https") ? 443 : 80);
    String host = target.host().contains(":") ? "[" + target.host() + "]" : target.host();
    var head = new StringBuilder();
    head.append("POST ").append(target.path()).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(host).append(usual ? "" : ":" + target.port()).append("\r\n");
    head.append("User-Agent: orrery\r\nAccept: */*\r\nConnection: close\r\n");
    headers.forEach((name, value) -> {
      if (!(name + value).chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
        throw new IllegalArgumentException("a header holds a character that it may not: " + name);
      }
      head.append(name).append(": ").append(value).append("\r\n");
    });
    head.append("Content-Length: ").append(length).append("\r\n\r\n");
    return head.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private Target target(String url) {
    if (url.isBlank()) throw refused("it is empty");
    URI uri;
    try {
      uri = new URI(url.strip());
    } catch (URISyntaxException e) {
      throw refused("it is not a URL").because(e);
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("https") && !scheme.equals("http")) {
      throw refused("its scheme is '%s', and not https".formatted(Texts.shown(scheme)));
    }
    String host = uri.getHost();
    if (host == null || host.isEmpty()) throw refused("it names no host");
    if (uri.getRawUserInfo() != null) throw refused("it holds a user or a password");
    if (uri.getRawFragment() != null) throw refused("it has a fragment");
    String plain = host.startsWith("[") ? host.substring(1, host.length() - 1) : ascii(host);
    int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
    if (port == 0 || port > 65_535) throw refused("its port is " + port);
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    String whole = path + query;
    if (!whole.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw refused("its path has characters that are not ASCII");
    }
    var target = new Target(scheme, plain.toLowerCase(Locale.ROOT), port, whole);
    if (scheme.equals("http") && !isAllowed(target)) {
      throw refused("it is not https, and '%s' is not listed".formatted(Texts.shown(host)));
    }
    return target;
  }

  private static String ascii(String host) {
    try {
      String ascii = IDN.toASCII(host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
      if (!ascii.isEmpty() && ascii.length() <= HOST_MAX) return ascii;
    } catch (IllegalArgumentException e) {
      throw refused("its host is not a name").because(e);
    }
    throw refused("its host is not a name");
  }

  private boolean isAllowed(Target target) {
    String host = target.host();
    String bracketed = "[" + host + "]";
    return allowed.contains(host)
        || allowed.contains(host + ":" + target.port())
        || allowed.contains(bracketed)
        || allowed.contains(bracketed + ":" + target.port());
  }

  /// Whether a host is an address, or could be read as one in some odd way: with a colon, or a last
  /// label that begins with a digit.
  private static boolean isLiteral(String host) {
    String last = host.substring(host.lastIndexOf('.') + 1);
    return host.contains(":") || !last.isEmpty() && Character.isDigit(last.charAt(0));
  }

  /// Names that never leave this machine (RFC 6761).
  private static boolean isLocal(String host) {
    return host.equals("localhost") || host.endsWith(".localhost");
  }

  private InetAddress resolve(Target target) {
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(target.host());
    } catch (UnknownHostException e) {
      throw new Problem(
              Fault.OUTBOUND_FAILED,
              "the host '%s' is not known".formatted(Texts.shown(target.host())),
              "Look whether its name is right and can be resolved here")
          .because(e);
    }
    if (!isAllowed(target)) for (InetAddress address : addresses) requirePublic(target, address);
    return addresses[0];
  }

  private static void requirePublic(Target target, InetAddress address) {
    if (!PublicAddresses.contain(address)) {
      throw refused("%s is not a public address".formatted(shown(target)));
    }
  }

  private static String shown(Target target) {
    return Texts.shown(target.host() + ":" + target.port());
  }

  private static Problem refused(String why) {
    return new Problem(
        Fault.OUTBOUND_REFUSED,
        "this address is not called: " + why,
        "Give an https URL of a public host, or have the operator list the host in outbound.allow"
            + " or ORRERY_OUTBOUND_ALLOW");
  }

  /// Reads as much of a stream as is wanted.
  static byte[] upTo(InputStream in, int most) throws IOException {
    var out = new ByteArrayOutputStream();
    byte[] piece = new byte[4_096];
    while (out.size() < most) {
      int read = in.read(piece, 0, Math.min(piece.length, most - out.size()));
      if (read < 0) break;
      out.write(piece, 0, read);
    }
    return out.toByteArray();
  }
}
