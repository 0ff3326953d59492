package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.HttpLimits;
import io.sallyport.route.RequestPaths;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How requests and responses are changed on their way, whatever their route.
///
/// @param trustedHops proxies in front of the gateway whose X-Forwarded-* fields are believed (Istio's
///     `numTrustedProxies`); 0: such fields are replaced
/// @param paths makes one canonical path of every spelling
/// @param via the pseudonym that `Via` gets on requests and responses (RFC 9110, 7.6.3), or null to leave it alone
/// @param serverHeader the value of `server` on responses, or null to pass on the upstream's
/// @param tunnels what holds for CONNECT
/// @param flagHeader the response field that local replies carry their flag in, or null for none
/// @param retryBodyBytes the longest request body that is remembered in order to send it again
public record ProxySettings(
        int trustedHops,
        RequestPaths paths,
        @Nullable String via,
        @Nullable AsciiString serverHeader,
        @Nullable AsciiString flagHeader,
        Tunnels tunnels,
        int retryBodyBytes) {
    private static final int RETRY_BODY_BYTES = 64 * 1024;

    public static final ProxySettings DEFAULT = new ProxySettings(
            0, RequestPaths.DEFAULT, null, new AsciiString("sallyport"), null, Tunnels.DEFAULT, RETRY_BODY_BYTES);

    /// What holds for the tunnels that clients ask for by CONNECT.
    ///
    /// @param idleTimeout after which a tunnel that carries nothing is closed
    /// @param helloTimeout until the ClientHello, where a tunnel must begin with one
    /// @param limits of the requests within tunnels to plain HTTP
    public record Tunnels(Duration idleTimeout, Duration helloTimeout, HttpLimits limits) {
        public static final Tunnels DEFAULT =
                new Tunnels(Duration.ofHours(1), Duration.ofSeconds(10), HttpLimits.DEFAULT);
    }
}
