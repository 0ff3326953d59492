package io.sallyport.config.validation;

import io.sallyport.config.model.ExtensionProvider;
import io.sallyport.config.model.ExtensionProvider.ExternalAuthorizer;
import io.sallyport.config.model.ExtensionProvider.FileLog;
import io.sallyport.config.model.ExtensionProvider.LogService;
import io.sallyport.config.model.ExtensionProvider.OpenTelemetry;
import io.sallyport.config.model.MeshConfig;
import io.sallyport.config.model.MeshConfig.LogEncoding;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.format.FormatException;
import io.sallyport.format.FormatParser;
import io.sallyport.format.LogSink;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// MeshConfig's extension providers, as Istio's `ValidateExtensionProviderEnvoyExtAuthz*` and the builder of its
/// filters (pilot, `extauthz.go`) have them.
final class MeshConfigValidator {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /// Each request that waits may hold as much.
    private static final int MOST_BODY = 16 << 20;

    /// What the gateway alone sets in its question.
    private static final Set<String> FRAMING =
            Set.of("content-length", "transfer-encoding", "connection", "host", "te", "upgrade", "keep-alive");

    /// Those that Envoy knows (type/v3/http_status.proto), below 600.
    private static final Set<Integer> STATUSES = Set.of(
            100, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401,
            402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 424, 426,
            428, 429, 431, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511);

    private MeshConfigValidator() {}

    static void validate(MeshConfig config, Place document) {
        accessLog(config, document);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < config.extensionProviders().size(); i++) {
            ExtensionProvider provider = config.extensionProviders().get(i);
            Place place = document.field("extensionProviders").index(i);
            ExternalAuthorizer authorizer = provider.authorizer();
            if (!names.add(provider.name())) {
                bad(place.field("name"), Quote.of(provider.name()) + " is the name of another provider, too", null);
            }
            if (provider.openTelemetry() != null) {
                name(provider.name(), place.field("name"));
                openTelemetry(provider.openTelemetry(), place.field("opentelemetry"));
            }
            if (provider.fileLog() != null) {
                fileLog(provider.fileLog(), place.field("envoyFileAccessLog"));
            }
            if (provider.logService() != null) {
                name(provider.name(), place.field("name"));
                logService(provider.logService(), place.field("envoyOtelAls"));
            }
            if (authorizer != null) {
                name(provider.name(), place.field("name"));
                boolean http = authorizer.http() != null;
                authorizer(authorizer, place.field(http ? "envoyExtAuthzHttp" : "envoyExtAuthzGrpc"));
            }
        }
    }

    private static void accessLog(MeshConfig config, Place document) {
        if (!config.accessLogFile().isEmpty() && !LogSink.isFile(config.accessLogFile())) {
            String message = Quote.of(config.accessLogFile()) + " is not the absolute path of a file";
            document.field("accessLogFile").report(ProblemCode.BAD_ACCESS_LOG, message, "such as /dev/stdout");
        }
        try {
            LogSink.of(config.accessLogEncoding() == LogEncoding.JSON, config.accessLogFormat(), "");
        } catch (FormatException e) {
            document.field("accessLogFormat").report(ProblemCode.BAD_ACCESS_LOG, String.valueOf(e.getMessage()));
        }
    }

    private static void fileLog(FileLog log, Place place) {
        if (!log.path().isEmpty() && !LogSink.isFile(log.path())) {
            String message = Quote.of(log.path()) + " is not the absolute path of a file";
            place.field("path").report(ProblemCode.BAD_ACCESS_LOG, message, "such as /dev/stdout");
        }
        boolean json = !log.labels().isEmpty();
        try {
            LogSink.of(json, json ? log.labels() : log.text(), "");
        } catch (FormatException e) {
            place.field("logFormat")
                    .field(json ? "labels" : "text")
                    .report(ProblemCode.BAD_ACCESS_LOG, String.valueOf(e.getMessage()));
        }
    }

    private static void logService(LogService log, Place place) {
        service(log.service(), place.field("service"));
        Checks.port(log.port(), place.field("port"));
        Place format = place.field("logFormat");
        try {
            LogSink.of(false, log.text(), "");
        } catch (FormatException e) {
            format.field("text").report(ProblemCode.BAD_ACCESS_LOG, String.valueOf(e.getMessage()));
        }
        log.labels().forEach((name, value) -> {
            Place label = format.field("labels").key(name);
            try {
                FormatParser.headerValue(value);
            } catch (FormatException e) {
                label.report(ProblemCode.BAD_ACCESS_LOG, String.valueOf(e.getMessage()));
            }
            if (name.isBlank()) {
                label.report(ProblemCode.BAD_ACCESS_LOG, "a label has no name", "give the name");
            }
        });
    }

    private static void openTelemetry(OpenTelemetry provider, Place place) {
        service(provider.service(), place.field("service"));
        Checks.port(provider.port(), place.field("port"));
        Place export = place.field(place.field("http").isPresent() ? "http" : "grpc");
        Checks.time(provider.timeout(), export.field("timeout"));
        boolean plain = provider.path().chars().allMatch(c -> c > ' ' && c < 0x7F && "?#\"<>\\^`{|}".indexOf(c) < 0);
        if (!plain) {
            bad(export.field("path"), Quote.of(provider.path()) + " is not a path", "such as /v1/traces");
        }
        Place headers = export.field(place.field("http").isPresent() ? "headers" : "initialMetadata");
        for (int i = 0; i < provider.headers().size(); i++) {
            OpenTelemetry.Header header = provider.headers().get(i);
            if (!HeaderChecks.isName(header.name())
                    || FRAMING.contains(header.name().toLowerCase(Locale.ROOT))) {
                String message = Quote.of(header.name()) + " is not a header that can be added";
                bad(headers.index(i).field("name"), message, null);
            } else if (header.value().codePoints().anyMatch(c -> c != '\t' && HeaderChecks.isUnsendable(c))) {
                String message = "the value has control characters, or half of a surrogate pair";
                bad(headers.index(i).field("value"), message, null);
            }
        }
    }

    private static void bad(Place place, String message, @Nullable String hint) {
        place.report(ProblemCode.BAD_PROVIDER, message, hint);
    }

    private static void name(String name, Place place) {
        if (!name.isEmpty() && !NAME.matcher(name).matches()) {
            bad(place, Quote.of(name) + " is not a provider's name", "lower-case letters, digits and -, at most 63");
        }
    }

    private static void authorizer(ExternalAuthorizer authorizer, Place place) {
        service(authorizer.service(), place.field("service"));
        Checks.port(authorizer.port(), place.field("port"));
        Checks.time(authorizer.timeout(), place.field("timeout"));
        if (authorizer.timeout() == null) {
            String message = "no timeout is given, so a request may wait 600 s for the answer";
            place.field("timeout").report(ProblemCode.PATIENT_PROVIDER, message, "such as 500ms");
        }
        if (authorizer.failOpen()) {
            String message = "what cannot be asked about is allowed";
            place.field("failOpen").report(ProblemCode.OPEN_PROVIDER, message, "failOpen: false denies it");
        }
        status(authorizer.statusOnError(), place.field("statusOnError"));
        ExtensionProvider.RequestBody body = authorizer.includeRequestBodyInCheck();
        if (body != null && (body.maxRequestBytes() < 1 || body.maxRequestBytes() > MOST_BODY)) {
            Place most = place.field("includeRequestBodyInCheck").field("maxRequestBytes");
            bad(most, "1 to " + MOST_BODY + " bytes of the body can be sent", "such as 8192");
        }
        if (authorizer.http() != null) {
            http(authorizer.http(), place);
        }
    }

    private static void service(String service, Place place) {
        int slash = service.indexOf('/');
        if (slash >= 0 && !HostNames.isLabel(service.substring(0, slash))) {
            bad(place, Quote.of(service.substring(0, slash)) + " is not a namespace", "write namespace/host, or host");
        }
        if (!service.isEmpty()) {
            HostNames.checkNameOrAddress(service.substring(slash + 1), ProblemCode.BAD_PROVIDER, place);
        }
    }

    private static void status(String status, Place place) {
        if (status.isEmpty()) {
            return;
        }
        boolean known = status.matches("[1-5][0-9][0-9]") && STATUSES.contains(Integer.parseInt(status));
        // An interim response would leave the client waiting.
        if (!known || status.startsWith("1")) {
            bad(place, Quote.of(status) + " is not a status that can be answered", "such as \"403\" or \"503\"");
        }
    }

    private static void http(ExtensionProvider.Http http, Place place) {
        String prefix = http.pathPrefix();
        boolean plain = prefix.chars().allMatch(c -> c > ' ' && c < 0x7F && "?#\"<>\\^`{|}".indexOf(c) < 0);
        if (!prefix.isEmpty() && (!prefix.startsWith("/") || !plain)) {
            bad(place.field("pathPrefix"), Quote.of(prefix) + " is not the beginning of a path", "such as /check");
        }
        patterns(http.includeRequestHeadersInCheck(), place, "includeRequestHeadersInCheck", "includeHeadersInCheck");
        patterns(http.headersToUpstreamOnAllow(), place, "headersToUpstreamOnAllow", "");
        patterns(http.headersToDownstreamOnDeny(), place, "headersToDownstreamOnDeny", "");
        patterns(http.headersToDownstreamOnAllow(), place, "headersToDownstreamOnAllow", "");
        http.includeAdditionalHeadersInCheck().forEach((name, value) -> {
            Place at = place.field("includeAdditionalHeadersInCheck").key(name);
            if (!HeaderChecks.isName(name) || FRAMING.contains(name.toLowerCase(Locale.ROOT))) {
                bad(at, Quote.of(name) + " is not a header that can be added", null);
            } else if (value.codePoints().anyMatch(c -> c != '\t' && HeaderChecks.isUnsendable(c))) {
                bad(at, "the value has control characters, or half of a surrogate pair", null);
            } else {
                format(value.strip(), at);
            }
        });
    }

    /// In Envoy's format, as what VirtualServices set.
    private static void format(String value, Place place) {
        try {
            FormatParser.headerValue(value);
        } catch (FormatException e) {
            bad(place, "in " + Quote.of(value) + ", " + e.getMessage(), null);
        }
    }

    /// @param otherwise the field that is read in the first one's absence
    private static void patterns(List<String> patterns, Place place, String name, String otherwise) {
        Place at = place.field(name).isPresent() || otherwise.isEmpty() ? place.field(name) : place.field(otherwise);
        for (int i = 0; i < patterns.size(); i++) {
            String pattern = patterns.get(i);
            String literal = pattern.startsWith("*")
                    ? pattern.substring(1)
                    : pattern.endsWith("*") ? pattern.substring(0, pattern.length() - 1) : pattern;
            if (pattern.equals("*")) {
                bad(at.index(i), "* alone is not supported", "write the beginning or the end of the names, x* or *x");
            } else if (literal.contains("*") || !HeaderChecks.isName(literal)) {
                bad(at.index(i), Quote.of(pattern) + " is not a header's name", "write x, x* or *x");
            }
        }
    }
}
