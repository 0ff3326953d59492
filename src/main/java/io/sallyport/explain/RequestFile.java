package io.sallyport.explain;

import io.sallyport.config.problem.Quote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Reads many requests from a YAML (or JSON) list, one mapping each with the fields of [ExplainedRequest].
final class RequestFile {
    private static final Set<String> FIELDS =
            Set.of("port", "tls", "sni", "host", "method", "path", "headers", "principal", "sourceIp");

    private RequestFile() {}

    /// @throws IOException where the file cannot be read
    /// @throws IllegalArgumentException where it does not hold such a list; the message says where
    static List<ExplainedRequest> read(Path file) throws IOException {
        Object document;
        try {
            document = new Load(LoadSettings.builder().setLabel(file.toString()).build())
                    .loadFromString(Files.readString(file));
        } catch (YamlEngineException broken) {
            throw new IllegalArgumentException(file + ": " + broken.getMessage(), broken);
        }
        if (!(document instanceof List<?> entries)) {
            throw new IllegalArgumentException(file + ": not a list of requests");
        }
        List<ExplainedRequest> requests = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            // Counted from 1, as lines are.
            String place = file + ": request " + (i + 1);
            if (!(entries.get(i) instanceof Map<?, ?> fields)) {
                throw new IllegalArgumentException(place + " is not a mapping");
            }
            try {
                requests.add(request(fields));
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException(place + ": " + wrong.getMessage(), wrong);
            }
        }
        return requests;
    }

    private static ExplainedRequest request(Map<?, ?> fields) {
        for (Object key : fields.keySet()) {
            if (!FIELDS.contains(String.valueOf(key))) {
                throw new IllegalArgumentException("unknown field '" + key + "', one of "
                        + FIELDS.stream().sorted().toList());
            }
        }
        boolean tls = flag(fields.get("tls"));
        return new ExplainedRequest(
                port(fields.get("port"), tls),
                tls,
                fields.get("sni") == null ? null : fields.get("sni").toString(),
                text(fields.get("host"), ""),
                ExplainedRequest.method(text(fields.get("method"), "GET")),
                text(fields.get("path"), "/"),
                headers(fields.get("headers")),
                fields.get("principal") == null ? null : fields.get("principal").toString(),
                text(fields.get("sourceIp"), "127.0.0.1"),
                null);
    }

    private static boolean flag(@Nullable Object value) {
        String text = text(value, "false");
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("tls is true or false, not " + Quote.of(text));
        }
        return text.equals("true");
    }

    private static int port(@Nullable Object value, boolean tls) {
        if (value == null) {
            return tls ? 443 : 80;
        }
        try {
            return Integer.parseInt(value.toString());
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException("port is not a number: " + value, wrong);
        }
    }

    private static Map<String, String> headers(@Nullable Object value) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (value == null) {
            return headers;
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("headers is not a mapping");
        }
        map.forEach((name, text) -> {
            if (text instanceof Map || text instanceof List) {
                throw new IllegalArgumentException("header " + Quote.of(String.valueOf(name)) + " is no text");
            }
            ExplainedRequest.add(headers, String.valueOf(name), text(text, ""));
        });
        return headers;
    }

    private static String text(@Nullable Object value, String otherwise) {
        return value == null ? otherwise : value.toString();
    }
}
