package io.sallyport.listener;

import io.sallyport.http.HttpLimits;
import java.time.Duration;

/// What holds for every listener.
///
/// @param connectionsPerListener beyond it new connections are closed at once
/// @param tlsHandshakeTimeout from accept to the end of the handshake
/// @param rejectUnderscores requests with `_` in a field's name are answered 400: some upstreams take it for `-`
/// @param proxyProtocol who sends a PROXY protocol header first
public record ListenerSettings(
        HttpLimits limits,
        int connectionsPerListener,
        Duration tlsHandshakeTimeout,
        boolean rejectUnderscores,
        ProxyProtocolSettings proxyProtocol) {

    public static final ListenerSettings DEFAULT =
            new ListenerSettings(HttpLimits.DEFAULT, 10_000, Duration.ofSeconds(10), true, ProxyProtocolSettings.OFF);
}
