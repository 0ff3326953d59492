package io.sallyport.upstream;

import io.sallyport.http.HttpVersion;
import io.sallyport.identity.MeshAlpn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a pool speaks: one version, or the one that ALPN chooses.
enum AlpnOffer {
    HTTP1(List.of("http/1.1")),
    HTTP2(List.of("h2")),
    EITHER(List.of("h2", "http/1.1"));

    private final List<String> protocols;

    AlpnOffer(List<String> protocols) {
        this.protocols = protocols;
    }

    /// For the ClientHello, the preferred first.
    List<String> protocols() {
        return protocols;
    }

    static AlpnOffer of(UpstreamProtocol protocol, RequestContext context) {
        if (context.needsHttp1()) {
            return HTTP1;
        }
        return switch (protocol) {
            case HTTP1, TCP -> HTTP1;
            case HTTP2, GRPC_WEB -> HTTP2;
            case ALPN -> EITHER;
            case CLIENT -> context.downstreamVersion() == HttpVersion.HTTP_2 ? HTTP2 : HTTP1;
            case GRPC_AWARE -> context.isGrpc() ? HTTP2 : HTTP1;
        };
    }

    /// The version to speak. A peer that ignores ALPN gets the one version on offer, or HTTP/1.1.
    ///
    HttpVersion version(@Nullable String agreed) {
        return switch (this) {
            case HTTP1 -> HttpVersion.HTTP_1_1;
            case HTTP2 -> HttpVersion.HTTP_2;
            case EITHER -> "h2".equals(MeshAlpn.plain(agreed)) ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1;
        };
    }
}
