package io.sallyport.listener;

import io.sallyport.identity.TlsRejection;
import io.sallyport.tls.ClientHello;
import org.jspecify.annotations.Nullable;

/// Hears of connections to a TLS port that came to nothing: for metrics and logs.
public interface HandshakeObserver {
    HandshakeObserver NONE = new HandshakeObserver() {};

    /// No filter chain takes this server name.
    default void onUnknownName(ClientHello hello) {}

    /// @param hello null where no ClientHello came, but other bytes or none in time
    /// @param cause what failed, for a debug log
    default void onFailed(@Nullable ClientHello hello, TlsRejection reason, Throwable cause) {}
}
