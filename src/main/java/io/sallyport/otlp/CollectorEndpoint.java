package io.sallyport.otlp;

import io.netty.util.NetUtil;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.TrustBundle;
import io.sallyport.net.AddressGuard;
import io.sallyport.net.AddressRange;
import io.sallyport.tls.UpstreamTlsSpec;
import io.sallyport.trace.Collector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The collector that the settings name, and where it is.
///
/// @param host a name or an IP address, without brackets
/// @param roots the authorities that its certificate is verified by, a PEM file; null for those of the system
public record CollectorEndpoint(
        Collector collector,
        String host,
        int port,
        boolean tls,
        @Nullable Path roots) {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofMinutes(5);

    /// Whoever starts the process says where the collector is, so every address will do.
    ClusterSpec spec() throws CredentialException {
        boolean literal = NetUtil.createByteArrayFromIpAddressString(host) != null;
        boolean grpc = collector.protocol() == Collector.Protocol.GRPC;
        return ClusterSpec.of(
                        host,
                        port,
                        literal ? Discovery.STATIC : Discovery.STRICT_DNS,
                        List.of(new EndpointSpec(host, port)))
                .withProtocol(grpc ? UpstreamProtocol.HTTP2 : UpstreamProtocol.HTTP1, tls ? tlsSpec() : null)
                .withConnections(CONNECT, IDLE, 0, null)
                .withGuard(AddressGuard.INTERNAL.allowing(
                        List.of(AddressRange.parse("0.0.0.0/0"), AddressRange.parse("::/0"))));
    }

    private UpstreamTlsSpec tlsSpec() throws CredentialException {
        return new UpstreamTlsSpec(
                UpstreamTlsSpec.Mode.SIMPLE,
                null,
                roots == null ? null : TrustBundle.read(roots, null),
                null,
                List.of(),
                false,
                List.of());
    }
}
