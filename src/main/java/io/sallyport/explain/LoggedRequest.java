package io.sallyport.explain;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// A line of the JSON access log, as far as it says what was asked for. Of the header fields it has only some, so
/// policies with conditions on others are judged as if these were absent.
public final class LoggedRequest {
    private static final String ABSENT = "127.0.0.1";

    private final JsonObject line;

    private LoggedRequest(JsonObject line) {
        this.line = line;
    }

    /// @throws IllegalArgumentException where it is no such line; the message is for the user
    public static LoggedRequest parse(String text) {
        JsonObject line;
        try {
            line = new JsonObject(text.strip());
        } catch (DecodeException broken) {
            throw new IllegalArgumentException(
                    "not a line of the JSON access log (sallyport.access-log.format=json): " + broken.getMessage(),
                    broken);
        }
        if (!line.containsKey("response_code_details") || !line.containsKey("downstream_local_address")) {
            throw new IllegalArgumentException(
                    "not a line of the access log: it has no response_code_details and no downstream_local_address");
        }
        return new LoggedRequest(line);
    }

    /// Whether it came by the mesh listener.
    public boolean isMesh() {
        return text("egress_host") != null;
    }

    /// @param isTls whether clients of that bound port speak TLS
    ExplainedRequest request(IntPredicate isTls) {
        String sni = text("requested_server_name");
        String remote = text("downstream_remote_address");
        ExplainedRequest.Client client = new ExplainedRequest.Client(
                sni,
                text("source_principal"),
                remote == null || !ExplainedRequest.isAddress(host(remote)) ? ABSENT : host(remote));
        String method = text("method");
        String authority = text("authority");
        if (isMesh() && method == null) {
            return ExplainedRequest.serverName(client);
        }
        String local = text("downstream_local_address");
        int port = local == null ? 0 : port(local);
        boolean tls = isTls.test(port);
        ExplainedRequest.Mesh mesh = !isMesh()
                ? null
                : "CONNECT".equals(method) ? ExplainedRequest.Mesh.TUNNEL : ExplainedRequest.Mesh.REQUEST;
        return new ExplainedRequest(
                mesh == null ? port : askedPort(authority),
                mesh == null && tls,
                client.sni(),
                authority == null ? "" : authority,
                method == null ? "" : method,
                mesh == ExplainedRequest.Mesh.TUNNEL || text("path") == null ? "" : String.valueOf(text("path")),
                fields(),
                client.principal(),
                client.sourceIp(),
                mesh);
    }

    /// The fields that the log has, as the client sent them: the last of `x-forwarded-for` is the gateway's.
    private Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        put(fields, "user-agent", text("user_agent"));
        put(fields, "x-request-id", text("request_id"));
        String chain = text("x_forwarded_for");
        int comma = chain == null || isMesh() ? -1 : chain.lastIndexOf(',');
        put(fields, "x-forwarded-for", comma < 0 || chain == null ? null : chain.substring(0, comma));
        return fields;
    }

    private static void put(Map<String, String> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    /// What the line says beside what would be said now.
    ///
    /// @param now the details of the explanation; null where the request would be let through
    String comparison(@Nullable String now) {
        String then = String.valueOf(text("response_code_details"));
        String answer = line.getValue("response_code") + " " + then;
        if (then.equals(now)) {
            return answer;
        }
        return answer + "; now it would be " + (now == null ? "let through" : now)
                + ": the configuration has changed since, or a condition is on what the log does not have";
    }

    private @Nullable String text(String key) {
        Object value = line.getValue(key);
        return value == null || value.toString().isEmpty() || value.equals("-") ? null : value.toString();
    }

    private static String host(String address) {
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? address : address.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private static int port(String address) {
        String port = address.substring(address.lastIndexOf(':') + 1);
        return port.length() <= 5 && !port.isEmpty() && port.chars().allMatch(c -> c >= '0' && c <= '9')
                ? Integer.parseInt(port)
                : 0;
    }

    private static int askedPort(@Nullable String authority) {
        boolean named = authority != null && authority.lastIndexOf(':') > authority.lastIndexOf(']');
        return named && authority != null ? port(authority) : 80;
    }
}
