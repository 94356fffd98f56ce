import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.apache.catalina.ContainerServlet;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.ha.CatalinaCluster;
import org.apache.catalina.ha.session.BackupManager;
import org.apache.catalina.session.ManagerBase;
import org.apache.catalina.tribes.tipis.AbstractReplicatedMap;

/**
 * The front door that every web node of the comparison has, as a servlet: each field of a session
 * is an attribute of Tomcat's. Whatever goes wrong, Tomcat answers 500 and says why.
 *
 * <p>GET /ready?peers=N answers 200 once this node shares sessions with exactly N others, so that
 * one which was killed counts until the others have missed it; with peers_min, once it does with so
 * many or more. Tomcat tells a servlet of its container only in a privileged context.
 */
public final class SessionServlet extends HttpServlet implements ContainerServlet {
  private transient Wrapper wrapper;

  @Override
  public Wrapper getWrapper() {
    return wrapper;
  }

  @Override
  public void setWrapper(Wrapper wrapper) {
    this.wrapper = wrapper;
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    switch (request.getServletPath()) {
      case "/create" -> setFields(request.getSession(true), request, response);
      case "/change" -> setFields(request.getSession(false), request, response);
      default -> response.sendError(HttpServletResponse.SC_NOT_FOUND);
    }
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    switch (request.getServletPath()) {
      case "/read" -> readField(request.getSession(false), request, response);
      case "/dump" -> dump(request.getSession(false), response);
      case "/ready" -> answerReady(request, response);
      default -> response.sendError(HttpServletResponse.SC_NOT_FOUND);
    }
  }

  private static void setFields(
      HttpSession session, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (session == null) {
      answerNoSession(response);
      return;
    }
    BufferedReader body = request.getReader();
    for (String line = body.readLine(); line != null; line = body.readLine()) {
      int end = line.indexOf('=');
      if (end <= 0) throw new IllegalArgumentException("not a line NAME=VALUE: " + line);
      session.setAttribute(line.substring(0, end), line.substring(end + 1));
    }
    answer(response, HttpServletResponse.SC_OK, "");
  }

  private static void readField(
      HttpSession session, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (session == null) {
      answerNoSession(response);
      return;
    }
    Object value = session.getAttribute(request.getParameter("field"));
    answer(response, HttpServletResponse.SC_OK, value == null ? "" : value.toString());
  }

  private static void dump(HttpSession session, HttpServletResponse response) throws IOException {
    if (session == null) {
      answerNoSession(response);
      return;
    }
    List<String> names = Collections.list(session.getAttributeNames());
    Collections.sort(names);
    StringBuilder lines = new StringBuilder();
    for (String name : names) {
      lines.append(name).append('=').append(session.getAttribute(name)).append('\n');
    }
    answer(response, HttpServletResponse.SC_OK, lines.toString());
  }

  private void answerReady(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String exactly = request.getParameter("peers");
    String least = request.getParameter("peers_min");
    int peers = countPeers();
    boolean ready =
        (exactly == null || peers == Integer.parseInt(exactly))
            && (least == null || peers >= Integer.parseInt(least));
    answer(
        response,
        ready ? HttpServletResponse.SC_OK : HttpServletResponse.SC_SERVICE_UNAVAILABLE,
        peers + " peers\n");
  }

  // A BackupManager gives copies only to the nodes that its map knows, and that hears of some 5 s
  // after the cluster. Nothing public tells of its map.
  private int countPeers() {
    Context context = (Context) wrapper.getParent();
    if (context.getManager() instanceof BackupManager manager) {
      try {
        Field sessions = ManagerBase.class.getDeclaredField("sessions");
        sessions.setAccessible(true);
        return ((AbstractReplicatedMap<?, ?>) sessions.get(manager)).getMapMembers().length;
      } catch (ReflectiveOperationException error) {
        throw new IllegalStateException(error);
      }
    }
    return ((CatalinaCluster) context.getParent().getCluster()).getMembers().length;
  }

  private static void answerNoSession(HttpServletResponse response) throws IOException {
    answer(response, HttpServletResponse.SC_NOT_FOUND, "no such session\n");
  }

  private static void answer(HttpServletResponse response, int status, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.US_ASCII);
    response.setStatus(status);
    response.setContentType("text/plain");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
