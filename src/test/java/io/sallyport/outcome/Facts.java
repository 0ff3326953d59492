package io.sallyport.outcome;

import java.net.InetSocketAddress;
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
        facts.downstreamRemote = new InetSocketAddress("192.0.2.9", 51000);
        facts.downstreamLocal = new InetSocketAddress("2001:db8::1", 8443);
        facts.upstreamLocal = new InetSocketAddress("10.0.0.1", 40000);
        facts.upstreamHost = "10.0.0.2:8080";
        facts.cluster = "outbound|80|v1|payments.default.svc.cluster.local";
        facts.headedFor("payments.default.svc.cluster.local", "v1", WorkloadNames.of(Map.of(), "default", null, null));
        facts.requestedServerName = "api.example.com";
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
        facts.downstreamRemote = new InetSocketAddress("192.0.2.9", 51000);
        facts.downstreamLocal = new InetSocketAddress("192.0.2.1", 8080);
        return facts;
    }

    /// A TCP connection that has ended.
    public static RequestFacts connection() {
        var facts = new RequestFacts();
        facts.startMillis = 1_777_636_800_000L;
        facts.durationNanos = 2_000_000_000L;
        facts.bytesReceived = 10;
        facts.bytesSent = 20;
        facts.cluster = "outbound|6379||redis.data.svc.cluster.local";
        facts.destinationHost = "redis.data.svc.cluster.local";
        facts.upstreamHost = "10.0.0.3:6379";
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
        facts.downstreamRemote = new InetSocketAddress("10.0.0.7", 51000);
        facts.egressHost = "api.partner.example";
        facts.egressPort = 443;
        facts.egressProtocol = "TLS";
        facts.egressPermit = "ServiceEntry default/partner";
        return facts;
    }

    /// The same for a host that is on no list, in a mode that lets everything out.
    public static RequestFacts unlisted(String host) {
        RequestFacts facts = letOut();
        facts.egressHost = host;
        facts.egressPermit = "egress mode";
        facts.upstreamHost = "192.0.2.1:443";
        return facts;
    }

    public static RequestFacts denied() {
        return denied("evil.example");
    }

    /// The same where the list is all that is let out.
    public static RequestFacts denied(String host) {
        RequestFacts facts = letOut();
        facts.egressHost = host;
        facts.egressPermit = null;
        facts.status = 403;
        facts.flag = ResponseFlag.RBAC;
        facts.details = "egress_host_not_listed";
        return facts;
    }
}
