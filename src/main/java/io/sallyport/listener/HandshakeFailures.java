package io.sallyport.listener;

import io.sallyport.identity.TlsRejection;
import io.sallyport.telemetry.ConnectionMetrics;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Counts handshakes that came to nothing, by reason. The causes themselves are a client's doing, as many as it likes,
/// and are not logged.
record HandshakeFailures(ConnectionMetrics metrics) implements HandshakeObserver {
    @Override
    public void onUnknownName(ClientHello hello) {
        metrics.tlsFailed("unknown_name");
    }

    @Override
    public void onFailed(@Nullable ClientHello hello, TlsRejection reason, Throwable cause) {
        metrics.tlsFailed(reason.name().toLowerCase(Locale.ROOT));
    }
}
