package io.sallyport.upstream;

import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.http.HttpVersion;
import io.sallyport.tls.MeshAlpn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a pool speaks: one version, or the one that ALPN chooses.
enum AlpnOffer {
    HTTP1(List.of("http/1.1")),
    /// For requests to switch protocols where the endpoint chooses: HTTP/1.1, which all can switch, and
    /// [#HTTP2_SWITCHING] once an endpoint has refused it.
    HTTP1_FIRST(List.of("http/1.1")),
    HTTP2(List.of("h2")),
    /// HTTP/2 for requests to switch protocols: no connection is used before its SETTINGS have said whether it takes
    /// them.
    HTTP2_SWITCHING(List.of("h2")),
    EITHER(List.of("h2", "http/1.1"));

    private final List<String> protocols;

    AlpnOffer(List<String> protocols) {
        this.protocols = protocols;
    }

    /// For the ClientHello, the preferred first.
    List<String> protocols() {
        return protocols;
    }

    /// Whether a connection may carry many requests at a time.
    boolean multiplexes() {
        return this != HTTP1 && this != HTTP1_FIRST;
    }

    static AlpnOffer of(UpstreamProtocol protocol, RequestContext context) {
        if (context.needsHttp2()) {
            return HTTP2;
        }
        boolean switches = context.switchesProtocol();
        AlpnOffer http2 = switches ? HTTP2_SWITCHING : HTTP2;
        return switch (protocol) {
            case HTTP1, TCP -> HTTP1;
            case HTTP2, GRPC_WEB -> http2;
            case ALPN -> switches ? HTTP1_FIRST : EITHER;
            case CLIENT -> context.downstreamVersion() == HttpVersion.HTTP_2 ? http2 : HTTP1;
            case GRPC_AWARE -> context.isGrpc() && !switches ? HTTP2 : HTTP1;
        };
    }

    /// The version to speak. A peer that ignores ALPN gets the one version on offer, or HTTP/1.1.
    HttpVersion version(@Nullable String agreed) {
        return switch (this) {
            case HTTP1, HTTP1_FIRST -> HttpVersion.HTTP_1_1;
            case HTTP2, HTTP2_SWITCHING -> HttpVersion.HTTP_2;
            case EITHER -> "h2".equals(MeshAlpn.plain(agreed)) ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1;
        };
    }
}
