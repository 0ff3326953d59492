package io.sallyport.listener;

import io.sallyport.identity.TlsRejection;
import io.sallyport.telemetry.HandshakeMetrics;
import io.sallyport.tls.ClientHello;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Is notified of connections to a TLS port that came to nothing.
public interface HandshakeObserver {
    HandshakeObserver NONE = new HandshakeObserver() {};

    /// No filter chain takes this server name.
    default void onUnknownName(ClientHello hello) {}

    /// @param hello null where no ClientHello came, but other bytes or none in time
    default void onFailed(@Nullable ClientHello hello, TlsRejection reason, Throwable cause) {}

    /// Counts failures by reason. Their causes are not logged: a client can make as many as it likes.
    static HandshakeObserver counting(HandshakeMetrics metrics) {
        return new HandshakeObserver() {
            @Override
            public void onUnknownName(ClientHello hello) {
                metrics.failed("unknown_name");
            }

            @Override
            public void onFailed(@Nullable ClientHello hello, TlsRejection reason, Throwable cause) {
                metrics.failed(reason.name().toLowerCase(Locale.ROOT));
            }
        };
    }
}
