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
            requests.add(request(fields, place));
        }
        return requests;
    }

    private static ExplainedRequest request(Map<?, ?> fields, String place) {
        for (Object key : fields.keySet()) {
            if (!FIELDS.contains(String.valueOf(key))) {
                throw new IllegalArgumentException(place + ": unknown field '" + key + "', one of "
                        + FIELDS.stream().sorted().toList());
            }
        }
        boolean tls = flag(fields.get("tls"), place);
        return new ExplainedRequest(
                port(fields.get("port"), tls, place),
                tls,
                fields.get("sni") == null ? null : fields.get("sni").toString(),
                text(fields.get("host"), ""),
                method(fields.get("method"), place),
                text(fields.get("path"), "/"),
                headers(fields.get("headers"), place),
                fields.get("principal") == null ? null : fields.get("principal").toString(),
                address(fields.get("sourceIp"), place),
                null);
    }

    private static boolean flag(@Nullable Object value, String place) {
        String text = text(value, "false");
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(place + ": tls is true or false, not " + Quote.of(text));
        }
        return text.equals("true");
    }

    private static int port(@Nullable Object value, boolean tls, String place) {
        if (value == null) {
            return tls ? 443 : 80;
        }
        try {
            return Integer.parseInt(value.toString());
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException(place + ": port is not a number: " + value, wrong);
        }
    }

    private static String address(@Nullable Object value, String place) {
        String address = text(value, "127.0.0.1");
        try {
            ExplainedRequest.checkAddress(address);
            return address;
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(place + ": " + refused.getMessage(), refused);
        }
    }

    private static String method(@Nullable Object value, String place) {
        try {
            return ExplainedRequest.method(text(value, "GET"));
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(place + ": " + refused.getMessage(), refused);
        }
    }

    private static Map<String, String> headers(@Nullable Object value, String place) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (value == null) {
            return headers;
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(place + ": headers is not a mapping");
        }
        map.forEach((name, text) -> {
            if (text instanceof Map || text instanceof List) {
                throw new IllegalArgumentException(
                        place + ": header " + Quote.of(String.valueOf(name)) + " is no text");
            }
            try {
                ExplainedRequest.add(headers, String.valueOf(name), text(text, ""));
            } catch (IllegalArgumentException refused) {
                throw new IllegalArgumentException(place + ": " + refused.getMessage(), refused);
            }
        });
        return headers;
    }

    private static String text(@Nullable Object value, String otherwise) {
        return value == null ? otherwise : value.toString();
    }
}
