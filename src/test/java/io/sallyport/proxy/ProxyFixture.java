package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import io.sallyport.cluster.EndpointFeed;
import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.compile.CompileOptions;
import io.sallyport.compile.EgressOptions;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import io.sallyport.identity.CredentialException;
import io.sallyport.outcome.MirrorOutcome;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.testing.Yaml;
import io.sallyport.tunnel.TunnelLoop;
import io.sallyport.upstream.ClusterFactory;
import io.sallyport.upstream.ConnectionFactory;
import io.sallyport.upstream.OwnTraffic;
import io.sallyport.upstream.TcpConnector;
import io.sallyport.upstream.UpstreamLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The proxy between a client and endpoints that the test plays, without sockets, on an event loop whose time stands
/// until the test moves it. Host `shop.example` has two endpoints, `127.0.0.1:8001` and `127.0.0.1:8002`.
final class ProxyFixture implements AutoCloseable {
    private static final String ENDPOINTS =
            "endpoints: [{address: 127.0.0.1, ports: {port: 8001}}, {address: 127.0.0.1, ports: {port: 8002}}]";
    static final String TO_SHOP = "- route: [{destination: {host: shop.internal}}]\n";

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ConnectionInfo info = new ConnectionInfo(
            1, new InetSocketAddress("203.0.113.9", 4711), new InetSocketAddress("192.0.2.1", 80), null);
    private final HttpService service;
    final FakeEndpoint endpoint = new FakeEndpoint(channel);
    /// Of the requests that have ended.
    final List<RequestFacts> facts = new ArrayList<>();

    final List<MirrorOutcome> mirrored = new ArrayList<>();

    /// The client of the last request, and where it sends the rest of it.
    FakeClient client;

    private StreamListener request;
    private long nanos;

    /// @param http the routes of `shop.example`, and whatever else follows them
    ProxyFixture(String http) {
        this(http, "", ProxySettings.DEFAULT);
    }

    /// @param checks that requests must pass
    ProxyFixture(String http, Admission.Checks checks) {
        this(http, "", ProxySettings.DEFAULT, checks);
    }

    ProxyFixture(String http, String resources, ProxySettings settings) {
        this(http, resources, settings, null);
    }

    private ProxyFixture(String http, String resources, ProxySettings settings, Admission.Checks checks) {
        channel.freezeTime();
        Snapshot snapshot = snapshot(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", 1).replaceAll("endpoints: .*", ENDPOINTS)
                + Yaml.virtualService("shop.example", http)
                + resources);
        Map.Entry<BindAddress, ListenerSnapshot> listener =
                snapshot.listeners().entrySet().iterator().next();
        FilterChain chain = listener.getValue().chains().values().iterator().next();
        UpstreamLoop upstream = new UpstreamLoop(channel.eventLoop(), HttpLimits.DEFAULT, ConnectionFactory.HTTP);
        SnapshotHolder holder = new SnapshotHolder(snapshot);
        TcpConnector connector = new TcpConnector(channel.eventLoop(), new OwnTraffic());
        TunnelLoop tunnels =
                new TunnelLoop(holder, connector, upstream, observer(), settings.tunnels(), () -> 1_000, 42);
        ProxyLoop loop =
                new ProxyLoop(holder, upstream, endpoint::acquire, tunnels, observer(), settings, () -> 1_000, 42);
        service = new HttpService(new HttpConnection(loop, info, listener.getKey(), chain, 80), checks);
    }

    private RequestObserver observer() {
        return new RequestObserver() {
            @Override
            public void onRequestEnd(RequestFacts ended) {
                facts.add(ended);
            }

            @Override
            public void onMirrorEnd(String cluster, MirrorOutcome outcome) {
                mirrored.add(outcome);
            }
        };
    }

    private Snapshot snapshot(String yaml) {
        InstanceScope scope =
                new InstanceScope("default", "istio-system", "cluster.local", Map.of("istio", "ingressgateway"), "");
        EgressOptions egress = new EgressOptions(0, null, EgressMode.REGISTRY_ONLY, List.of("127.0.0.0/8"));
        try {
            Path directory = Files.createTempDirectory("sallyport-proxy");
            Path file = Files.writeString(directory.resolve("config.yaml"), yaml);
            ConfigurationSource.Read read = new ConfigurationSource(
                            directory,
                            LoadOptions.DEFAULT,
                            new AnalysisOptions(scope, Map.of(), Map.of(), SecretLookup.UNCHECKED),
                            new CompileOptions(
                                    scope, Map.of(), null, null, "cluster.local", egress, ServiceCatalog.NONE),
                            Clock.systemUTC())
                    .read();
            Files.delete(file);
            Files.delete(directory);
            if (read.hasErrors()) {
                throw new IllegalArgumentException(read.problems() + "\n" + yaml);
            }
            Snapshot empty = Snapshot.empty(Instant.EPOCH);
            NameResolution names = new NameResolution(channel.eventLoop(), DnsSettings.DEFAULT);
            return new Snapshot(
                    1,
                    Instant.EPOCH,
                    "",
                    read.plan().listeners(),
                    empty.clusters()
                            .next(
                                    read.plan().clusters().values(),
                                    new ClusterFactory(names, EndpointFeed.NONE, () -> nanos)),
                    Map.of(),
                    read.plan().authorization(),
                    read.plan().certificates(),
                    read.plan().traces(),
                    read.plan().log(),
                    read.plan().metrics());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (CredentialException e) {
            throw new IllegalArgumentException(e);
        }
    }

    // What the client does.

    /// @param fields names and values in turn
    void get(String path, String... fields) {
        begin("GET", path, true, fields);
    }

    void begin(String method, String path, boolean end, String... fields) {
        begin(HttpVersion.HTTP_1_1, method, path, end, fields);
    }

    void begin(HttpVersion version, String method, String path, boolean end, String... fields) {
        RequestHead head = new RequestHead(version, method, "http", "shop.example", path, headers(fields));
        head.contentLength = end ? 0 : RequestHead.UNKNOWN_LENGTH;
        CharSequence length = head.headers.get(HeaderNames.CONTENT_LENGTH);
        if (length != null) {
            head.contentLength = Long.parseLong(length.toString());
        }
        head.expectsContinue = head.headers.contains(HeaderNames.EXPECT);
        client = new FakeClient(channel.eventLoop(), info);
        request = service.onRequest(client, head, end);
    }

    void data(String text, boolean end) {
        request.onData(bytes(text), end);
        request.onReadComplete();
    }

    void trailers(String... fields) {
        request.onTrailers(headers(fields));
        request.onReadComplete();
    }

    void goAway() {
        request.onReset(StreamError.CONNECTION_CLOSED, "http1.client_gone");
    }

    void cut(StreamError error, String details) {
        request.onReset(error, details);
    }

    void catchesUp() {
        client.writable = true;
        request.onWritable();
    }

    /// The only request that has reached an endpoint.
    FakeEndpoint.Sent sent() {
        if (endpoint.sent.size() != 1) {
            throw new AssertionError(endpoint.sent.size() + " requests were sent");
        }
        return endpoint.sent.getFirst();
    }

    /// The last request that has reached an endpoint.
    FakeEndpoint.Sent last() {
        return endpoint.sent.getLast();
    }

    /// Of the only request that has ended.
    RequestFacts ended() {
        if (facts.size() != 1) {
            throw new AssertionError(facts.size() + " requests have ended");
        }
        return facts.getFirst();
    }

    void pass(Duration time) {
        nanos += time.toNanos();
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runPendingTasks();
    }

    static AsciiString ascii(String text) {
        return new AsciiString(text);
    }

    static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    static Headers headers(String... fields) {
        Headers headers = new Headers(8);
        for (int i = 0; i < fields.length; i += 2) {
            headers.add(ascii(fields[i]), ascii(fields[i + 1]));
        }
        return headers;
    }

    @Override
    public void close() {
        channel.close();
    }
}
