package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// @param command without its arguments
record Sallyport(String name, List<String> command, Variant variant) implements Peer {
    private static final int POLICIES = 1000;
    private static final String LOG_FORMAT = """
            accessLogFormat: '[%START_TIME(%Y-%m-%dT%H:%M:%S.%3f)%] "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" \
            %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_SENT% %DURATION% "%REQ(USER-AGENT)%" %UPSTREAM_HOST%'
            """;

    /// Beside the one that runs all loads, some that run the small request to show what one thing costs.
    enum Variant {
        FULL,
        /// Without access log; its metrics and headers stay on. Says each collection of garbage.
        BARE,
        /// With 1,000 authorization policies, none of which matches a request by more than its method and path.
        POLICIES,
        /// With a RequestAuthentication, and a token in each request, the same one.
        TOKENS,
        /// With a format of its own for the access log, of ten operators, instead of the usual line.
        FORMAT,
        /// With a collector, and no request sampled.
        TRACES_0,
        /// With one request in a hundred sampled.
        TRACES_1,
        /// With every request sampled.
        TRACES_100;

        /// Of requests, where there is a collector; else negative.
        double share() {
            return switch (this) {
                case TRACES_0 -> 0;
                case TRACES_1 -> 0.01;
                case TRACES_100 -> 1;
                case FULL, BARE, POLICIES, TOKENS, FORMAT -> -1;
            };
        }
    }

    @Override
    public String version() throws IOException, InterruptedException {
        return command.size() == 1 ? "native image" : "JDK " + System.getProperty("java.version");
    }

    @Override
    public Field field() {
        return switch (variant) {
            case FULL -> Field.EQUAL;
            case BARE -> Field.LEAN;
            case POLICIES, TOKENS, FORMAT, TRACES_0, TRACES_1, TRACES_100 -> Field.VARIANT;
        };
    }

    @Override
    public List<String> headers(Site site) {
        return variant == Variant.TOKENS ? List.of("Authorization: Bearer " + site.token().text()) : List.of();
    }

    @Override
    public boolean warmsUp() {
        return command.size() > 1;
    }

    @Override
    public Start prepare(Site site, Ports ports) throws IOException {
        Path directory = site.work().resolve(name);
        Path file = site.write("gateway.yaml", name + "/config/gateway.yaml", ports, Map.of());
        String routes = IntStream.range(0, Site.ROUTES)
                .mapToObj(i -> "    - {match: [{uri: {prefix: /r" + i
                        + "/}}], route: [{destination: {host: origin.example, port: {number: 80}}}]}\n")
                .collect(Collectors.joining());
        Files.writeString(file, Files.readString(file) + routes);
        switch (variant) {
            case POLICIES -> Files.writeString(file.resolveSibling("policies.yaml"), policies());
            case TOKENS -> Files.writeString(file.resolveSibling("tokens.yaml"), authentication(site.token()));
            case FORMAT -> Files.writeString(file.resolveSibling("mesh.yaml"), LOG_FORMAT);
            case FULL, BARE, TRACES_0, TRACES_1, TRACES_100 -> {}
        }
        Path secret = Files.createDirectories(directory.resolve("secrets/bench"));
        Files.copy(site.chain(), secret.resolve("tls.crt"));
        Files.copy(site.key(), secret.resolve("tls.key"));
        Map<String, String> environment = new HashMap<>(Map.of(
                "SALLYPORT_CONFIG_DIR", directory.resolve("config").toString(),
                "SALLYPORT_SECRETS_DIR", directory.resolve("secrets").toString(),
                "SALLYPORT_ADMIN_PORT", "0",
                "SALLYPORT_HEALTH_PORT", "" + ports.spare(),
                "SALLYPORT_EVENT_LOOPS", "1",
                "SALLYPORT_LIMITS_CONNECTIONS", "30000"));
        if (variant == Variant.BARE) {
            environment.put("SALLYPORT_ACCESS_LOG_ENABLED", "false");
        }
        if (variant.share() >= 0) {
            environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + site.collector());
            environment.put("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
            environment.put("OTEL_TRACES_SAMPLER_ARG", "" + variant.share());
        }
        List<String> serve = new ArrayList<>(command);
        if (variant == Variant.BARE && warmsUp()) {
            serve.add(1, "-Xlog:gc:stdout");
        }
        serve.add("serve");
        if (variant == Variant.BARE && !warmsUp()) {
            serve.add("-XX:+PrintGC");
        }
        return new Start(List.of(serve), environment, ports);
    }

    /// By turns of other paths, and of the method and path that the requests have and other clients, hosts or fields.
    private static String policies() {
        return IntStream.range(0, POLICIES)
                .mapToObj(i -> """
                        ---
                        apiVersion: security.istio.io/v1
                        kind: AuthorizationPolicy
                        metadata: {name: deny-%d, namespace: default}
                        spec:
                          action: DENY
                          rules:
                          - %s
                        """.formatted(i, i % 2 == 0 ? ofOtherPaths(i / 2) : ofOthers(i / 2)))
                .collect(Collectors.joining());
    }

    private static String ofOtherPaths(int i) {
        return """
                {from: [{source: {notPrincipals: ["cluster.local/ns/team-%1$d/sa/*"]}}], \
                to: [{operation: {methods: [%2$s], paths: ["/private-%1$d/*"]}}]}\
                """.formatted(i, i % 2 == 0 ? "GET" : "POST");
    }

    private static String ofOthers(int i) {
        String operation = "methods: [GET], paths: [\"/*\"]";
        String from = "from: [{source: {%s}}], to: [{operation: {" + operation + "}}]";
        return "{" + switch (i % 6) {
            case 0 -> from.formatted("principals: [cluster.local/ns/team-" + i + "/sa/app]");
            case 1 -> from.formatted("namespaces: [team-" + i + "]");
            case 2 -> from.formatted("ipBlocks: [10." + i / 256 + "." + i % 256 + ".0/24]");
            case 3 -> from.formatted("requestPrincipals: [\"https://issuer.example/team-" + i + "\"]");
            case 4 -> "to: [{operation: {" + operation + ", hosts: [team-" + i + ".example]}}]";
            default -> "to: [{operation: {" + operation + "}}], when: [{key: 'request.headers[x-team]', values: [team-" + i + "]}]";
        } + "}";
    }

    private static String authentication(Token token) {
        return """
                apiVersion: security.istio.io/v1
                kind: RequestAuthentication
                metadata: {name: tokens, namespace: default}
                spec:
                  jwtRules:
                  - issuer: %s
                    jwks: '%s'
                """.formatted(Token.ISSUER, token.keys());
    }
}
