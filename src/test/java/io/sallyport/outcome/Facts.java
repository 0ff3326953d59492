package io.sallyport.outcome;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;

/// Facts of requests for the tests of this package.
public final class Facts {
    private Facts() {}

    /// A request that was forwarded.
    public static RequestFacts forwarded() {
        var facts = new RequestFacts();
        facts.startMillis = 1_777_636_800_007L;
        facts.durationNanos = 12_900_000;
        facts.upstreamServiceNanos = 11_000_000;
        facts.method = "GET";
        facts.path = "/v1/pay?id=7";
        facts.authority = "api.example.com";
        facts.protocol = "HTTP/2";
        facts.status = 200;
        facts.details = "via_upstream";
        facts.bytesReceived = 3;
        facts.bytesSent = 1234;
        facts.forwardedFor = "192.0.2.9";
        facts.userAgent = "curl/8.5.0";
        facts.requestId = "6fa1c6a8-9a0e-4d0c-8f3b-2f7f5a3e9c11";
        facts.client = new ClientFacts(
                new InetSocketAddress("192.0.2.9", 51000),
                null,
                new InetSocketAddress("2001:db8::1", 8443),
                "api.example.com",
                null,
                false,
                false,
                0);
        facts.destination = to("payments.default.svc.cluster.local", "v1");
        facts.endpoint = new EndpointFacts("10.0.0.2:8080", new InetSocketAddress("10.0.0.1", 40000), null, null, null);
        facts.routeName = "canary";
        return facts;
    }

    /// A request that met no route.
    public static RequestFacts refused() {
        var facts = new RequestFacts();
        facts.startMillis = 1_777_636_800_000L;
        facts.method = "GET";
        facts.path = "/";
        facts.authority = "nobody.example.com";
        facts.protocol = "HTTP/1.1";
        facts.status = 404;
        facts.flag = ResponseFlag.NR;
        facts.details = "route_not_found";
        facts.client = between(new InetSocketAddress("192.0.2.9", 51000), new InetSocketAddress("192.0.2.1", 8080));
        return facts;
    }

    /// A TCP connection that has ended.
    public static RequestFacts connection() {
        var facts = new RequestFacts();
        facts.startMillis = 1_777_636_800_000L;
        facts.durationNanos = 2_000_000_000L;
        facts.bytesReceived = 10;
        facts.bytesSent = 20;
        facts.destination = new DestinationFacts(
                "outbound|6379||redis.data.svc.cluster.local", "redis.data.svc.cluster.local", null, null);
        facts.endpoint = endpoint("10.0.0.3:6379");
        return facts;
    }

    /// A mesh client's tunnel that the list let out; it ended a minute after it began.
    public static RequestFacts letOut() {
        var facts = new RequestFacts();
        facts.startMillis = 1_777_636_800_000L;
        facts.durationNanos = 60_000_000_000L;
        facts.method = "CONNECT";
        facts.authority = "api.partner.example:443";
        facts.protocol = "HTTP/1.1";
        facts.status = 200;
        facts.client = ClientFacts.of(new InetSocketAddress("10.0.0.7", 51000), null);
        facts.egress = new EgressFacts("api.partner.example", 443, "TLS", "ServiceEntry default/partner", null, null);
        return facts;
    }

    /// The same for a host that is on no list, in a mode that lets everything out.
    public static RequestFacts unlisted(String host) {
        RequestFacts facts = letOut();
        facts.egress = new EgressFacts(host, 443, "TLS", "egress mode", null, null);
        facts.endpoint = endpoint("192.0.2.1:443");
        return facts;
    }

    /// A service of the namespace `default`, on port 80.
    public static DestinationFacts to(String host, String subset) {
        return new DestinationFacts(
                "outbound|80|%s|%s".formatted(subset == null ? "" : subset, host),
                host,
                subset,
                WorkloadNames.of(Map.of(), "default", null, null));
    }

    /// An endpoint of which nothing else is known.
    public static EndpointFacts endpoint(String address) {
        return new EndpointFacts(address, null, null, null, null);
    }

    /// That endpoint, and who it and the gateway have proved to be.
    public static EndpointFacts identified(
            EndpointFacts endpoint, String principal, String own, WorkloadNames workload) {
        return new EndpointFacts(endpoint.address(), endpoint.local(), principal, own, workload);
    }

    /// A connection in plain text.
    public static ClientFacts between(SocketAddress remote, SocketAddress local) {
        return new ClientFacts(remote, null, local, null, null, false, false, 0);
    }

    /// That client by TLS.
    ///
    /// @param principal null where it has proved nothing
    public static ClientFacts secured(ClientFacts client, String principal, boolean verified) {
        return new ClientFacts(
                client.remote(),
                client.peer(),
                client.local(),
                client.serverName(),
                principal,
                true,
                verified,
                client.port());
    }

    public static RequestFacts denied() {
        return denied("evil.example");
    }

    /// The same where the list is all that is let out.
    public static RequestFacts denied(String host) {
        RequestFacts facts = letOut();
        facts.egress = new EgressFacts(host, 443, "TLS", null, null, null);
        facts.status = 403;
        facts.flag = ResponseFlag.RBAC;
        facts.details = "egress_host_not_listed";
        return facts;
    }
}
