package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.route.RequestPaths;
import io.sallyport.tunnel.TunnelSettings;
import org.jspecify.annotations.Nullable;

/// How requests and responses are changed on their way, whatever their route.
///
/// @param trustedHops proxies in front of the gateway whose X-Forwarded-* fields are believed (Istio's
///     `numTrustedProxies`); 0: such fields are replaced
/// @param paths makes one canonical path of every spelling
/// @param via the pseudonym that `Via` gets on forwarded requests (RFC 9110, 7.6.3), or null for `sallyport`
/// @param serverHeader the value of `server` on responses, or null to pass on the upstream's
/// @param tunnels what holds for CONNECT
/// @param flagHeader the response field that local replies carry their flag in, or null for none
/// @param retryBodyBytes the longest request body that is remembered in order to send it again
/// @param clientCert what becomes of `x-forwarded-client-cert`
public record ProxySettings(
        int trustedHops,
        RequestPaths paths,
        @Nullable String via,
        @Nullable AsciiString serverHeader,
        @Nullable AsciiString flagHeader,
        TunnelSettings tunnels,
        int retryBodyBytes,
        ClientCertForwarding clientCert) {
    private static final int RETRY_BODY_BYTES = 64 * 1024;

    public static final ProxySettings DEFAULT = new ProxySettings(
            0,
            RequestPaths.DEFAULT,
            null,
            new AsciiString("sallyport"),
            null,
            TunnelSettings.DEFAULT,
            RETRY_BODY_BYTES);

    /// With what Istio's gateways say of clients' certificates.
    public ProxySettings(
            int trustedHops,
            RequestPaths paths,
            @Nullable String via,
            @Nullable AsciiString serverHeader,
            @Nullable AsciiString flagHeader,
            TunnelSettings tunnels,
            int retryBodyBytes) {
        this(trustedHops, paths, via, serverHeader, flagHeader, tunnels, retryBodyBytes, ClientCertForwarding.DEFAULT);
    }

    public ProxySettings withClientCert(ClientCertForwarding forwarding) {
        return new ProxySettings(
                trustedHops, paths, via, serverHeader, flagHeader, tunnels, retryBodyBytes, forwarding);
    }
}
