package io.sallyport.compile;

import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.config.model.ConnectionPoolSettings;
import io.sallyport.config.model.PortProtocol;
import org.jspecify.annotations.Nullable;

/// What to speak with a service, from its port's protocol and `connectionPool.http`.
final class UpstreamProtocols {
    private UpstreamProtocols() {}

    /// @param protocol of the service's port; null where nothing is known of it, as with a mesh service found by DNS
    /// @param isHttp whether requests are forwarded, or bytes
    static UpstreamProtocol of(
            @Nullable PortProtocol protocol, @Nullable ConnectionPoolSettings pool, boolean tls, boolean isHttp) {
        if (!isHttp) {
            return UpstreamProtocol.TCP;
        }
        ConnectionPoolSettings.Http http = pool == null ? null : pool.http();
        if (http != null && http.useClientProtocol()) {
            return UpstreamProtocol.CLIENT;
        }
        ConnectionPoolSettings.H2UpgradePolicy upgrade =
                http == null ? ConnectionPoolSettings.H2UpgradePolicy.DEFAULT : http.h2UpgradePolicy();
        if (protocol == PortProtocol.GRPC_WEB) {
            return UpstreamProtocol.GRPC_WEB;
        }
        if (protocol == PortProtocol.HTTP2 || protocol == PortProtocol.GRPC) {
            return UpstreamProtocol.HTTP2;
        }
        if (upgrade == ConnectionPoolSettings.H2UpgradePolicy.UPGRADE) {
            return tls ? UpstreamProtocol.ALPN : UpstreamProtocol.HTTP2;
        }
        return protocol == null ? UpstreamProtocol.GRPC_AWARE : UpstreamProtocol.HTTP1;
    }
}
