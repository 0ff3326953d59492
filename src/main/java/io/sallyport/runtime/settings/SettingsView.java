package io.sallyport.runtime.settings;

import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.quarkus.runtime.configuration.MemorySize;
import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.compile.EgressOptions;
import io.sallyport.compile.LogDefaults;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.http.HttpLimits;
import io.sallyport.identity.SpiffeId;
import io.sallyport.telemetry.HistogramBounds;
import io.sallyport.workload.IstioAuthority;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Settings in the types of the parts that use them. For checked settings only.
public final class SettingsView {
    private static final Pattern BOUND = Pattern.compile("\\d{1,15}(\\.\\d{1,6})?");

    private SettingsView() {}

    /// The instance's labels; empty where none are set.
    public static Map<String, String> labels(Settings settings) {
        var labels = new LinkedHashMap<String, String>();
        for (String label : settings.labels().orElseGet(List::of)) {
            int equals = label.indexOf('=');
            labels.put(
                    label.substring(0, equals).strip(),
                    label.substring(equals + 1).strip());
        }
        return labels;
    }

    /// Event loops of the process, at least 1.
    public static int eventLoops(Settings settings) {
        return settings.eventLoops() > 0
                ? settings.eventLoops()
                : Runtime.getRuntime().availableProcessors();
    }

    /// Ports to bind, by the port of the Gateway server.
    public static Map<Integer, Integer> portMap(Settings settings) {
        var ports = new LinkedHashMap<Integer, Integer>();
        settings.portMap().forEach((named, bound) -> ports.put(Integer.valueOf(named), Integer.valueOf(bound)));
        return ports;
    }

    /// Istio's authority; null where none is set.
    public static IstioAuthority.@Nullable Settings istioAuthority(Settings settings) {
        String address = settings.identity().caAddress().orElse(null);
        if (address == null) {
            return null;
        }
        int colon = address.lastIndexOf(':');
        String path =
                "/ns/" + settings.namespace() + "/sa/" + settings.identity().serviceAccount();
        return new IstioAuthority.Settings(
                address.substring(0, colon),
                Integer.parseInt(address.substring(colon + 1)),
                new SpiffeId(settings.trustDomain(), path),
                settings.identity().caTokenFile(),
                settings.identity().caRootFile());
    }

    public static InstanceScope scope(Settings settings) {
        return new InstanceScope(
                settings.namespace(),
                settings.rootNamespace(),
                settings.clusterDomain(),
                labels(settings),
                settings.locality().orElse(""));
    }

    /// The mesh listener and what it lets out.
    public static EgressOptions egress(Settings settings) {
        MeshSettings mesh = settings.mesh();
        EgressSettings egress = settings.egress();
        return new EgressOptions(
                mesh.enabled() ? mesh.port() : 0,
                meshTls(mesh.tls()),
                egress.mode(),
                stripped(egress.allowedCidrs().orElseGet(List::of)),
                stripped(egress.ownAddresses().orElseGet(List::of)),
                List.of(settings.admin().port(), settings.health().port()));
    }

    private static EgressOptions.@Nullable MeshTls meshTls(MeshSettings.Tls tls) {
        if (tls.credentialName().isEmpty() && tls.mode() != MeshTlsMode.ISTIO_MUTUAL) {
            return null;
        }
        return new EgressOptions.MeshTls(
                tls.credentialName().orElse(""),
                switch (tls.mode()) {
                    case SIMPLE -> ServerTlsSettings.Mode.SIMPLE;
                    case MUTUAL -> ServerTlsSettings.Mode.MUTUAL;
                    case OPTIONAL_MUTUAL -> ServerTlsSettings.Mode.OPTIONAL_MUTUAL;
                    case ISTIO_MUTUAL -> ServerTlsSettings.Mode.ISTIO_MUTUAL;
                },
                stripped(tls.hosts().orElseGet(List::of)).stream()
                        .map(host -> host.toLowerCase(Locale.ROOT))
                        .toList(),
                tls.required());
    }

    private static List<String> stripped(List<String> texts) {
        return texts.stream().map(String::strip).toList();
    }

    public static LogDefaults log(Settings settings) {
        AccessLogSettings log = settings.accessLog();
        return new LogDefaults(
                log.enabled(),
                log.format() == AccessLogFormat.JSON,
                log.template().orElse(""),
                log.file());
    }

    /// The buckets of Istio's histograms.
    public static HistogramBounds histogramBounds(Settings.MetricsSettings metrics) {
        return new HistogramBounds(
                buckets(metrics.durationBuckets()),
                buckets(metrics.requestSizeBuckets()),
                buckets(metrics.responseSizeBuckets()));
    }

    /// @throws IllegalArgumentException if they are neither rising numbers above zero nor `none`
    static List<Double> buckets(List<String> texts) {
        List<String> bounds = stripped(texts);
        if (bounds.equals(List.of("none"))) {
            return List.of();
        }
        List<Double> numbers = bounds.stream().map(SettingsView::bound).toList();
        for (int i = 1; i < numbers.size(); i++) {
            if (numbers.get(i) <= numbers.get(i - 1)) {
                throw new IllegalArgumentException(
                        "\"" + bounds.get(i) + "\" is not above \"" + bounds.get(i - 1) + "\": bounds must rise");
            }
        }
        return numbers;
    }

    private static Double bound(String text) {
        if (!BOUND.matcher(text).matches() || Double.parseDouble(text) == 0) {
            throw new IllegalArgumentException("\"" + text + "\" is not a number above zero, such as 0.5 or 250");
        }
        return Double.valueOf(text);
    }

    public static HttpLimits httpLimits(LimitSettings limits) {
        return new HttpLimits(
                bytes(limits.targetBytes()),
                bytes(limits.headBytes()),
                limits.headerFields(),
                limits.bodyBytes().asLongValue(),
                limits.headTimeout(),
                limits.bodyTimeout(),
                limits.idleTimeout(),
                limits.writeTimeout(),
                limits.concurrentStreams(),
                bytes(limits.streamWindowBytes()),
                bytes(limits.connectionWindowBytes()),
                limits.requestsPerConnection());
    }

    /// How names of endpoints are looked up.
    public static DnsSettings dns(Settings settings) {
        ResolverSettings dns = settings.dns();
        InetSocketAddress[] servers = stripped(dns.servers().orElseGet(List::of)).stream()
                .map(NameServer::parse)
                .toArray(InetSocketAddress[]::new);
        return DnsSettings.DEFAULT.withQueries(
                servers.length == 0 ? null : new SequentialDnsServerAddressStreamProvider(servers),
                switch (dns.lookupFamily()) {
                    case AUTO -> null;
                    case V4_ONLY -> ResolvedAddressTypes.IPV4_ONLY;
                    case V6_ONLY -> ResolvedAddressTypes.IPV6_ONLY;
                    case V4_PREFERRED -> ResolvedAddressTypes.IPV4_PREFERRED;
                    case V6_PREFERRED -> ResolvedAddressTypes.IPV6_PREFERRED;
                },
                dns.queryTimeout());
    }

    /// @throws ArithmeticException beyond 2 GiB
    public static int bytes(MemorySize size) {
        return Math.toIntExact(size.asLongValue());
    }
}
