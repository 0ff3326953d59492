package io.sallyport.runtime.settings;

import io.quarkus.runtime.configuration.MemorySize;
import io.sallyport.format.FormatException;
import io.sallyport.format.LogSink;
import io.sallyport.net.AddressRange;
import io.sallyport.tls.TlsGroups;
import io.sallyport.workload.EndpointSocket;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.SmallRyeConfig;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// What a value's type does not say: ranges, syntax, what belongs together, and what excludes what.
final class SettingsCheck {
    static final int HIGHEST_PORT = 65535;
    private static final int MOST_BUCKETS = 100;
    /// A DNS name in lower case (RFC 1123), which namespaces and domains are.
    private static final Pattern DNS_NAME =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    /// A Kubernetes label, `prefix/name=value`.
    private static final Pattern LABEL =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?=([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?");

    /// A Kubernetes secret, with or without its namespace.
    private static final Pattern SECRET = Pattern.compile("([a-z0-9][a-z0-9-]*/)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?");

    /// A ConfigMap with its namespace.
    private static final Pattern CONFIG_MAP =
            Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?/[a-z0-9]([a-z0-9.-]*[a-z0-9])?");

    /// A token (RFC 9110, section 5.6.2).
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private static final Pattern LOCALITY = Pattern.compile("[^/*\\s]+(/[^/*\\s]+){0,2}");

    private static final Pattern PRINTABLE = Pattern.compile("[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?");

    private static final String ENDPOINT_SOCKET = "identity.endpoint-socket";

    private final SmallRyeConfig config;
    private final Settings settings;
    private final List<SettingProblem> problems = new ArrayList<>();

    SettingsCheck(SmallRyeConfig config, Settings settings) {
        this.config = config;
        this.settings = settings;
    }

    List<SettingProblem> problems() {
        names();
        identity();
        ports();
        mesh();
        egress();
        proxyProtocol();
        discovery();
        dns();
        headers();
        groups();
        tracing(settings.tracing());
        metricExport(settings.metrics().otlp());
        limits(settings.limits());
        number("event-loops", settings.eventLoops(), 0, 1024);
        number("trusted-hops", settings.trustedHops(), 0, 100);
        number("metrics.max-series", settings.metrics().maxSeries(), 1, 1_000_000);
        number("metrics.max-label-values", settings.metrics().maxLabelValues(), 1, 100_000);
        buckets("metrics.duration-buckets", settings.metrics().durationBuckets());
        buckets("metrics.request-size-buckets", settings.metrics().requestSizeBuckets());
        buckets("metrics.response-size-buckets", settings.metrics().responseSizeBuckets());
        accessLog(settings.accessLog());
        number("admin.recent-requests", settings.admin().recentRequests(), 0, 10_000);
        number("access-log.queue", settings.accessLog().queue(), 1, 1 << 20);
        positive("reload.poll-interval", settings.reload().pollInterval());
        positive("health.max-blocked", settings.health().maxBlocked());
        notNegative("drain.grace", settings.drain().grace());
        notNegative("drain.delay", settings.drain().delay());
        return problems;
    }

    private void identity() {
        // What a setting says comes before a variable that is there for all programs of a pod.
        boolean passedOver = settings.identity().caAddress().isPresent() && isOfTheEnvironment(ENDPOINT_SOCKET);
        Optional<String> socket =
                passedOver ? Optional.empty() : settings.identity().endpointSocket();
        if (socket.isPresent() && EndpointSocket.parse(socket.get()) == null) {
            problem(ENDPOINT_SOCKET, "must be unix:///<path> or tcp://<IP address>:<port>");
        }
        matches(
                "identity.service-account",
                settings.identity().serviceAccount(),
                DNS_NAME,
                "must be the name of a service account");
        settings.identity().caAddress().ifPresent(text -> {
            if (socket.isPresent()) {
                problem("identity.ca-address", "cannot be used together with sallyport.identity.endpoint-socket");
            }
            int colon = text.lastIndexOf(':');
            if (colon < 0
                    || !isPort(text.substring(colon + 1))
                    || !DNS_NAME.matcher(text.substring(0, colon)).matches()) {
                problem(
                        "identity.ca-address",
                        "must be a name or IPv4 address in lower case, and a port: istiod.istio-system.svc:15012");
            }
        });
    }

    /// Whether the setting itself is not set, and its default is the value of a variable.
    private boolean isOfTheEnvironment(String key) {
        String raw = config.getConfigValue(SettingsLoader.PREFIX + key).getRawValue();
        return raw != null && raw.startsWith("${");
    }

    private void names() {
        matches("namespace", settings.namespace(), DNS_NAME, "must be a DNS name in lower case");
        matches("root-namespace", settings.rootNamespace(), DNS_NAME, "must be a DNS name in lower case");
        matches(
                "cluster-domain",
                settings.clusterDomain(),
                DNS_NAME,
                "must be a DNS name in lower case, without a dot in front");
        matches("trust-domain", settings.trustDomain(), DNS_NAME, "must be a DNS name in lower case");
        for (String alias : settings.trustDomainAliases().orElseGet(List::of)) {
            matches("trust-domain-aliases", alias, DNS_NAME, "must be DNS names in lower case");
        }
        settings.locality()
                .ifPresent(text -> matches("locality", text, LOCALITY, "must be region/zone/subzone, or less of it"));
        for (String label : settings.labels().orElseGet(List::of)) {
            if (!LABEL.matcher(label.strip()).matches()) {
                problem("labels", "\"" + label + "\" is not a label such as istio=ingressgateway");
            }
        }
    }

    private void groups() {
        try {
            TlsGroups.parse(settings.tls().groups());
        } catch (IllegalArgumentException e) {
            problem("tls.groups", String.valueOf(e.getMessage()));
        }
    }

    private void accessLog(AccessLogSettings log) {
        if (!LogSink.isFile(log.file())) {
            problem("access-log.file", "must be the absolute path of a file");
        }
        try {
            LogSink.of(log.format() == AccessLogFormat.JSON, log.template().orElse(""), log.file());
        } catch (FormatException e) {
            problem("access-log.template", String.valueOf(e.getMessage()));
        }
    }

    private void tracing(TracingSettings tracing) {
        if (!tracing.exporter().equals("otlp") && !tracing.exporter().equals("none")) {
            problem("tracing.exporter", "must be otlp or none");
        }
        collector("tracing.", CollectorView.of(tracing));
        read("tracing.resource-attributes", tracing.resourceAttributes(), CollectorView::pairs);
        read("tracing.sampler", tracing.sampler(), TracingView::sampler);
        read("tracing.sampler-arg", tracing.samplerArg(), TracingView::ratio);
        read("tracing.propagators", Optional.of(tracing.propagators()), TracingView::propagation);
        number("tracing.queue", tracing.queue(), 1, 1 << 20);
    }

    private void metricExport(MetricExportSettings metrics) {
        String prefix = "metrics.otlp.";
        read(prefix + "exporter", metrics.exporter(), MetricExportView::exporter);
        if (!MetricExportView.isOn(metrics)) {
            // The rest may be there for other programs.
            return;
        }
        CollectorView view = CollectorView.of(metrics);
        if (!view.isThere()) {
            problem(prefix + "exporter", "needs sallyport.metrics.otlp.endpoint: where the collector is");
        }
        collector(prefix, view);
        read(prefix + "interval", Optional.of(metrics.interval()), MetricExportView::interval);
        read(prefix + "export-timeout", Optional.of(metrics.exportTimeout()), MetricExportView::interval);
        read(prefix + "temporality", Optional.of(metrics.temporality()), MetricExportView::temporality);
    }

    private void collector(String prefix, CollectorView view) {
        read(prefix + "endpoint", view.named(), CollectorView::endpoint);
        read(prefix + "base-endpoint", view.base(), CollectorView::endpoint);
        read(prefix + "protocol", Optional.of(view.protocol()), CollectorView::protocol);
        read(prefix + "headers", view.headers(), CollectorView::headers);
        read(prefix + "timeout", Optional.of(view.timeout()), CollectorView::timeout);
        read(prefix + "compression", Optional.of(view.compression()), CollectorView::gzip);
    }

    private <T> void read(String key, Optional<T> value, Consumer<T> reader) {
        try {
            value.ifPresent(reader);
        } catch (IllegalArgumentException e) {
            problem(key, String.valueOf(e.getMessage()));
        }
    }

    private void ports() {
        number("admin.port", settings.admin().port(), 0, HIGHEST_PORT);
        number("health.port", settings.health().port(), 0, HIGHEST_PORT);
        number("mesh.port", settings.mesh().port(), 1, HIGHEST_PORT);
        if (settings.admin().port() != 0
                && settings.admin().port() == settings.health().port()) {
            problem("admin.port", "is also the health port");
        }
        for (Map.Entry<String, String> entry : settings.portMap().entrySet()) {
            if (!isPort(entry.getKey())) {
                problem("port-map." + entry.getKey(), "\"" + entry.getKey() + "\" is not a port between 1 and 65535");
            } else if (!isPort(entry.getValue())) {
                problem("port-map." + entry.getKey(), "must be a port between 1 and 65535");
            }
        }
    }

    private void mesh() {
        int port = settings.mesh().port();
        if (settings.mesh().enabled() && port == settings.admin().port()) {
            problem("mesh.port", "is also the admin port");
        }
        if (settings.mesh().enabled() && port == settings.health().port()) {
            problem("mesh.port", "is also the health port");
        }
        MeshSettings.Tls tls = settings.mesh().tls();
        boolean own = tls.mode() == MeshTlsMode.ISTIO_MUTUAL;
        if (own && tls.credentialName().isPresent()) {
            problem(
                    "mesh.tls.credential-name",
                    "istio-mutual takes the identity directory's certificate: leave it out");
        } else if (!own && tls.credentialName().isEmpty()) {
            if (tls.required() || tls.mode() != MeshTlsMode.SIMPLE) {
                problem(
                        tls.required() ? "mesh.tls.required" : "mesh.tls.mode",
                        "needs sallyport.mesh.tls.credential-name: there is no certificate");
            }
        }
        tls.credentialName()
                .ifPresent(name -> matches(
                        "mesh.tls.credential-name", name, SECRET, "must be the name of a secret, or namespace/name"));
        for (String host : tls.hosts().orElseGet(List::of)) {
            if (!DNS_NAME.matcher(host.strip().toLowerCase(Locale.ROOT)).matches()) {
                problem("mesh.tls.hosts", "\"" + host + "\" is not a host name");
            }
        }
    }

    private void egress() {
        ranges("egress.allowed-cidrs", settings.egress().allowedCidrs().orElseGet(List::of));
        ranges("egress.own-addresses", settings.egress().ownAddresses().orElseGet(List::of));
        Path configuration = settings.config().dir().toAbsolutePath().normalize();
        settings.egress().usageFile().ifPresent(file -> {
            if (file.toAbsolutePath().normalize().startsWith(configuration)) {
                problem("egress.usage-file", "must not be in the configuration directory, which is read as resources");
            }
        });
        number("egress.max-denied-hosts", settings.egress().maxDeniedHosts(), 1, 100_000);
    }

    private void discovery() {
        settings.discovery()
                .configMap()
                .ifPresent(name ->
                        matches("discovery.config-map", name, CONFIG_MAP, "must be namespace/name of a ConfigMap"));
        positive("discovery.sync-timeout", settings.discovery().syncTimeout());
    }

    private void dns() {
        each("dns.servers", settings.dns().servers().orElseGet(List::of), NameServer::parse);
        positive("dns.query-timeout", settings.dns().queryTimeout());
    }

    private void proxyProtocol() {
        List<String> ranges = settings.proxyProtocol().allowedCidrs().orElseGet(List::of);
        if (settings.proxyProtocol().enabled() && ranges.isEmpty()) {
            problem(
                    "proxy-protocol.enabled",
                    "needs sallyport.proxy-protocol.allowed-cidrs: whoever sends a header is believed");
        }
        ranges("proxy-protocol.allowed-cidrs", ranges);
    }

    private void buckets(String key, List<String> texts) {
        try {
            if (SettingsView.buckets(texts).size() > MOST_BUCKETS) {
                problem(key, "must be at most " + MOST_BUCKETS + " bounds");
            }
        } catch (IllegalArgumentException e) {
            problem(key, String.valueOf(e.getMessage()));
        }
    }

    private void ranges(String key, List<String> ranges) {
        each(key, ranges, AddressRange::parse);
    }

    private void each(String key, List<String> texts, Consumer<String> parser) {
        for (String text : texts) {
            try {
                parser.accept(text.strip());
            } catch (IllegalArgumentException e) {
                problem(key, String.valueOf(e.getMessage()));
            }
        }
    }

    private void headers() {
        token("flag-header", settings.flagHeader());
        token("via", settings.via());
        matches("server-header", settings.serverHeader(), PRINTABLE, "must be printable ASCII");
    }

    private void limits(LimitSettings limits) {
        number("limits.connections", limits.connections(), 1, Integer.MAX_VALUE);
        number("limits.header-fields", limits.headerFields(), 1, 100_000);
        number("limits.concurrent-streams", limits.concurrentStreams(), 1, Integer.MAX_VALUE);
        number("limits.requests-per-connection", limits.requestsPerConnection(), 0, Integer.MAX_VALUE);
        size("limits.target-bytes", limits.targetBytes(), 64, 1 << 20);
        size("limits.head-bytes", limits.headBytes(), 1024, 16 << 20);
        size("limits.body-bytes", limits.bodyBytes(), 0, Long.MAX_VALUE);
        size("limits.retry-body-bytes", limits.retryBodyBytes(), 0, 64 << 20);
        // The initial window of a connection cannot be less (RFC 9113, section 6.9.2), nor any above 2^31-1 (6.9.1).
        size("limits.stream-window-bytes", limits.streamWindowBytes(), 1024, Integer.MAX_VALUE);
        size("limits.connection-window-bytes", limits.connectionWindowBytes(), 65_535, Integer.MAX_VALUE);
        positive("limits.tls-handshake-timeout", limits.tlsHandshakeTimeout());
        positive("limits.head-timeout", limits.headTimeout());
        positive("limits.body-timeout", limits.bodyTimeout());
        positive("limits.idle-timeout", limits.idleTimeout());
        positive("limits.write-timeout", limits.writeTimeout());
    }

    private void token(String key, Optional<String> value) {
        value.ifPresent(text -> matches(key, text, TOKEN, "must be a token: letters, digits and - . _ only"));
    }

    private void matches(String key, String value, Pattern pattern, String reason) {
        if (!pattern.matcher(value).matches()) {
            problem(key, reason);
        }
    }

    private void number(String key, long value, long least, long most) {
        if (value < least || value > most) {
            problem(
                    key,
                    most == Integer.MAX_VALUE
                            ? "must be at least " + least
                            : "must be between " + least + " and " + most);
        }
    }

    private void size(String key, MemorySize size, long least, long most) {
        BigInteger bytes = size.asBigInteger();
        if (bytes.compareTo(BigInteger.valueOf(least)) < 0 || bytes.compareTo(BigInteger.valueOf(most)) > 0) {
            problem(key, "must be between " + least + " and " + most + " bytes");
        }
    }

    private void notNegative(String key, Duration value) {
        if (value.isNegative()) {
            problem(key, "must not be negative");
        }
    }

    private void positive(String key, Duration value) {
        if (!value.isPositive() || value.compareTo(Duration.ofDays(365)) > 0) {
            problem(key, "must be more than nothing and at most 365 days");
        }
    }

    private static boolean isPort(String text) {
        return text.matches("[1-9]\\d{0,4}") && Integer.parseInt(text) <= HIGHEST_PORT;
    }

    private void problem(String key, String reason) {
        ConfigValue value = config.getConfigValue(SettingsLoader.PREFIX + key);
        problems.add(new SettingProblem(SettingsLoader.PREFIX + key, value.getRawValue(), reason));
    }
}
