package io.sallyport.listener;

import io.sallyport.identity.TlsRejection;
import io.sallyport.telemetry.HandshakeMetrics;
import io.sallyport.tls.ClientHello;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Counts handshakes that came to nothing, by reason. The causes themselves are a client's doing, as many as it likes,
/// and are not logged.
record HandshakeFailures(HandshakeMetrics metrics) implements HandshakeObserver {
    @Override
    public void onUnknownName(ClientHello hello) {
        metrics.failed("unknown_name");
    }

    @Override
    public void onFailed(@Nullable ClientHello hello, TlsRejection reason, Throwable cause) {
        metrics.failed(reason.name().toLowerCase(Locale.ROOT));
    }
}
