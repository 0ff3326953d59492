package io.sallyport.tunnel;

import io.sallyport.http.HttpLimits;
import java.time.Duration;

/// What holds for every tunnel.
///
/// @param helloTimeout until the first bytes of a tunnel whose client has to say by them where it leads
/// @param limits of the requests within tunnels to plain HTTP
public record TunnelSettings(Duration helloTimeout, HttpLimits limits) {
    public static final TunnelSettings DEFAULT = new TunnelSettings(Duration.ofSeconds(10), HttpLimits.DEFAULT);
}
