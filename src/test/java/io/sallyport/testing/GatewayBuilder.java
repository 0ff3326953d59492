package io.sallyport.testing;

import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.compile.EgressOptions;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.HttpLimits;
import io.sallyport.listener.ListenerSettings;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.reload.ConfigurationSource.OnError;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsException;
import io.sallyport.runtime.settings.SettingsLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.opentest4j.TestAbortedException;

/// How a [TestGateway] is set up.
public final class GatewayBuilder {
    int eventLoops = 1;
    ListenerSettings listeners = ListenerSettings.DEFAULT;
    ProxySettings proxy = ProxySettings.DEFAULT;
    DnsSettings dns = DnsSettings.DEFAULT;
    Path identity;
    ServiceCatalog catalog = ServiceCatalog.NONE;
    String locality = "";
    List<String> trustDomainAliases = List.of();
    boolean mesh;
    OnError onError = OnError.REFUSE;
    EgressOptions.MeshTls meshTls;
    EgressMode egressMode = EgressMode.REGISTRY_ONLY;
    List<String> allowedCidrs = List.of("127.0.0.0/8", "::1/128");
    Preparation prepared = _ -> {};
    RequestObserver observer = RequestObserver.NONE;
    final Map<String, Issued> secrets = new HashMap<>();
    /// Keys behind `sallyport.tracing.`.
    final Map<String, String> tracing = new HashMap<>();
    /// Keys behind `sallyport.metrics.otlp.`.
    final Map<String, String> metricExport = new HashMap<>();

    /// Is notified of requests besides; for a gateway that can be looked into.
    public GatewayBuilder observer(RequestObserver of) {
        observer = of;
        return this;
    }

    public GatewayBuilder eventLoops(int loops) {
        eventLoops = loops;
        return this;
    }

    public GatewayBuilder listeners(ListenerSettings settings) {
        listeners = settings;
        return this;
    }

    public GatewayBuilder limits(HttpLimits limits) {
        ListenerSettings before = listeners;
        listeners = new ListenerSettings(
                limits,
                before.connectionsPerListener(),
                before.tlsHandshakeTimeout(),
                before.rejectUnderscores(),
                before.proxyProtocol());
        return this;
    }

    public GatewayBuilder proxy(ProxySettings settings) {
        proxy = settings;
        return this;
    }

    public GatewayBuilder dns(DnsSettings settings) {
        dns = settings;
        return this;
    }

    /// Names are looked up there, and nowhere else.
    public GatewayBuilder dns(TestDns server) {
        return dns(server.settings());
    }

    /// Opens the mesh listener, on `port(MESH_PORT)`.
    public GatewayBuilder mesh(EgressMode mode) {
        mesh = true;
        egressMode = mode;
        return this;
    }

    public GatewayBuilder meshTls(EgressOptions.MeshTls tls) {
        meshTls = tls;
        return this;
    }

    /// Ranges that names may resolve to; the loopback where this is not called.
    public GatewayBuilder allowedCidrs(String... ranges) {
        allowedCidrs = List.of(ranges);
        return this;
    }

    /// Where the gateway stands, `region/zone/subzone`.
    public GatewayBuilder locality(String place) {
        locality = place;
        return this;
    }

    /// Services of the mesh that the test itself discovers; a program has no setting for that.
    public GatewayBuilder catalog(ServiceCatalog services) {
        if (Boolean.getBoolean("test.program")) {
            throw new TestAbortedException("there is no setting for services that the test itself discovers");
        }
        catalog = services;
        return this;
    }

    public GatewayBuilder trustDomainAliases(String... aliases) {
        trustDomainAliases = List.of(aliases);
        return this;
    }

    public GatewayBuilder identity(Path svidDirectory) {
        identity = svidDirectory;
        return this;
    }

    /// Does something to the directory of secrets, once they are written, before the start.
    public GatewayBuilder prepare(Preparation preparation) {
        prepared = preparation;
        return this;
    }

    /// Sets `sallyport.tracing.<key>`. Spans are exported where this is called.
    public GatewayBuilder tracing(String key, String value) {
        tracing.put(key, value);
        return this;
    }

    /// Reports every request to that collector.
    public GatewayBuilder tracing(TestCollector collector) {
        return tracing("endpoint", collector.endpoint())
                .tracing("protocol", collector.protocol())
                .tracing("sampler", "parentbased_always_on");
    }

    /// Sets `sallyport.metrics.otlp.<key>`. Metrics are exported where this is called.
    public GatewayBuilder metricExport(String key, String value) {
        metricExport.put(key, value);
        return this;
    }

    /// Sends all metrics to that collector each second.
    public GatewayBuilder metricExport(TestCollector collector) {
        return metricExport("endpoint", collector.metricsEndpoint())
                .metricExport("protocol", collector.protocol())
                .metricExport("interval", "1s");
    }

    /// What becomes of a configuration with errors. Only in the test's process where it is not refused.
    public GatewayBuilder onError(OnError what) {
        onError = what;
        return this;
    }

    public interface Preparation {
        void prepare(Path secrets) throws IOException;
    }

    public GatewayBuilder secret(String name, Issued issued) {
        secrets.put(name, issued);
        return this;
    }

    /// The gateway, serving this configuration.
    ///
    /// @throws AssertionError with every problem where it is refused
    public TestGateway start(String yaml) {
        try {
            TestGateway gateway =
                    Boolean.getBoolean("test.program") ? new ProgramGateway(this) : new InProcessGateway(this);
            return gateway.serve(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The settings of tracing and of the export of metrics, and else the defaults.
    Settings settings() {
        Map<String, String> fixed = new HashMap<>();
        tracing.forEach((key, value) -> fixed.put("sallyport.tracing." + key, value));
        metricExport.forEach((key, value) -> fixed.put("sallyport.metrics.otlp." + key, value));
        try {
            return SettingsLoader.load(fixed);
        } catch (SettingsException e) {
            throw new IllegalArgumentException(e);
        }
    }

    InstanceScope scope() {
        return new InstanceScope(
                "default", "istio-system", "cluster.local", Map.of("istio", "ingressgateway"), locality);
    }

    EgressOptions egress(int meshPort) {
        return new EgressOptions(mesh ? meshPort : 0, meshTls, egressMode, allowedCidrs);
    }
}
