import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ehcache.Cache;
import org.ehcache.CacheManager;
import org.ehcache.clustered.client.config.builders.ClusteredResourcePoolBuilder;
import org.ehcache.clustered.client.config.builders.ClusteredStoreConfigurationBuilder;
import org.ehcache.clustered.client.config.builders.ClusteringServiceConfigurationBuilder;
import org.ehcache.clustered.common.Consistency;
import org.ehcache.config.builders.CacheConfigurationBuilder;
import org.ehcache.config.builders.CacheManagerBuilder;
import org.ehcache.config.builders.ResourcePoolsBuilder;
import org.ehcache.config.units.EntryUnit;
import org.ehcache.config.units.MemoryUnit;
import org.ehcache.core.internal.resilience.ThrowingResilienceStrategy;

/**
 * The front door that every web node of the comparison has, over an Ehcache whose sessions are in a
 * Terracotta server: each session is one entry, strongly consistent, and what a node has read stays
 * in its heap until the server tells of a change.
 *
 * <p>A change loads the session at the start of its request and puts it, whole, at the end. A
 * write that fails is an error here, where Ehcache's default strategy would say nothing. A read that
 * the server does not answer within 5 s finds no session: of that Ehcache tells nobody.
 *
 * <p>Arguments: the address and the port to serve on, and the server's as HOST:PORT.
 */
public final class TerracottaNode {
  private static final long HEAP_ENTRIES_MAX = 1_000;
  private static final long SERVER_MIB_MAX = 768;
  private static final int SESSION_ID_BYTES = 16;
  private static final Pattern SESSION_ID = Pattern.compile("JSESSIONID=([0-9A-F]+)");

  private final SecureRandom random = new SecureRandom();
  private final String server;
  private CacheManager manager;
  private volatile Cache<String, HashMap<String, String>> sessions;

  private TerracottaNode(String server) {
    this.server = server;
    connect();
  }

  public static void main(String[] arguments) throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
    TerracottaNode node = new TerracottaNode(arguments[2]);
    HttpServer server = HttpServer.create(address, 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", node::serve);
    server.start();
  }

  @SuppressWarnings("unchecked")
  private synchronized void connect() {
    Class<HashMap<String, String>> session =
        (Class<HashMap<String, String>>) (Class<?>) HashMap.class;
    CacheConfigurationBuilder<String, HashMap<String, String>> cache =
        CacheConfigurationBuilder.newCacheConfigurationBuilder(
                String.class,
                session,
                ResourcePoolsBuilder.newResourcePoolsBuilder()
                    .heap(HEAP_ENTRIES_MAX, EntryUnit.ENTRIES)
                    .with(
                        ClusteredResourcePoolBuilder.clusteredDedicated(
                            SERVER_MIB_MAX, MemoryUnit.MB)))
            .withService(ClusteredStoreConfigurationBuilder.withConsistency(Consistency.STRONG))
            .withResilienceStrategy(new ThrowingResilienceStrategy<>());
    manager =
        CacheManagerBuilder.newCacheManagerBuilder()
            .with(
                ClusteringServiceConfigurationBuilder.cluster(
                        URI.create("terracotta://" + server + "/sessions"))
                    .autoCreateOnReconnect(side -> side.defaultServerResource("main")))
            .withCache("sessions", cache)
            .build(true);
    sessions = manager.getCache("sessions", String.class, session);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII);
      String method = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      switch (method) {
        case "POST /create" -> create(exchange, body);
        case "POST /change" -> change(exchange, body);
        case "GET /read" -> read(exchange);
        case "GET /dump" -> dump(exchange);
        case "GET /ready" -> answerReady(exchange);
        default -> answer(exchange, 404, "no such page\n");
      }
    } catch (RuntimeException error) {
      answer(exchange, 500, error + "\n");
    }
  }

  private void create(HttpExchange exchange, String body) throws IOException {
    byte[] bytes = new byte[SESSION_ID_BYTES];
    random.nextBytes(bytes);
    String id = HexFormat.of().withUpperCase().formatHex(bytes);
    HashMap<String, String> session = new HashMap<>();
    setFields(session, body);
    sessions.put(id, session);
    exchange.getResponseHeaders().set("Set-Cookie", "JSESSIONID=" + id + "; Path=/; HttpOnly");
    answer(exchange, 200, "");
  }

  private void change(HttpExchange exchange, String body) throws IOException {
    String id = sessionId(exchange);
    Map<String, String> found = find(id);
    if (found == null) {
      answerNoSession(exchange);
      return;
    }
    // The heap's own object belongs to other requests, too.
    HashMap<String, String> session = new HashMap<>(found);
    setFields(session, body);
    sessions.put(id, session);
    answer(exchange, 200, "");
  }

  private void read(HttpExchange exchange) throws IOException {
    Map<String, String> session = find(sessionId(exchange));
    if (session == null) {
      answerNoSession(exchange);
      return;
    }
    String query = exchange.getRequestURI().getQuery();
    if (query == null || !query.startsWith("field=")) {
      throw new IllegalArgumentException("not a query field=NAME: " + query);
    }
    answer(exchange, 200, session.getOrDefault(query.substring("field=".length()), ""));
  }

  private void dump(HttpExchange exchange) throws IOException {
    Map<String, String> session = find(sessionId(exchange));
    if (session == null) {
      answerNoSession(exchange);
      return;
    }
    StringBuilder lines = new StringBuilder();
    new TreeMap<>(session)
        .forEach((name, value) -> lines.append(name).append('=').append(value).append('\n'));
    answer(exchange, 200, lines.toString());
  }

  // A write, for a read that the server does not answer is answered all the same. No session has
  // this key. An Ehcache that was idle when its server ended does not come back by itself: what a
  // health check would do then is done here.
  private void answerReady(HttpExchange exchange) throws IOException {
    try {
      sessions.put("ready", new HashMap<>());
    } catch (RuntimeException error) {
      if (isForGood(error)) reconnect();
      throw error;
    }
    answer(exchange, 200, "");
  }

  private static boolean isForGood(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof IllegalStateException) return true;
    }
    return false;
  }

  private synchronized void reconnect() {
    try {
      manager.close();
    } catch (RuntimeException error) {
      System.err.println("The lost connection does not close in good order: " + error);
    }
    connect();
  }

  private Map<String, String> find(String id) {
    return id == null ? null : sessions.get(id);
  }

  private static String sessionId(HttpExchange exchange) {
    String cookies = exchange.getRequestHeaders().getFirst("Cookie");
    Matcher id = SESSION_ID.matcher(cookies == null ? "" : cookies);
    return id.find() ? id.group(1) : null;
  }

  private static void setFields(Map<String, String> session, String body) {
    body.lines()
        .forEach(
            line -> {
              int end = line.indexOf('=');
              if (end <= 0) throw new IllegalArgumentException("not a line NAME=VALUE: " + line);
              session.put(line.substring(0, end), line.substring(end + 1));
            });
  }

  private static void answerNoSession(HttpExchange exchange) throws IOException {
    answer(exchange, 404, "no such session\n");
  }

  // A length of -1 says that there is no body; 0 would begin one in chunks.
  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.US_ASCII);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) exchange.getResponseBody().write(body);
    exchange.close();
  }
}
