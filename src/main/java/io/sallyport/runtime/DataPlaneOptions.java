package io.sallyport.runtime;

import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.http.HttpLimits;
import io.sallyport.listener.ListenerSettings;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.telemetry.HandshakeMetrics;

/// How a data plane is set up, whatever it is to serve.
///
/// @param eventLoops event loops that carry traffic, one verticle on each; at least 1
/// @param upstreamLimits on what endpoints may send
public record DataPlaneOptions(
        int eventLoops,
        ListenerSettings listeners,
        ProxySettings proxy,
        HttpLimits upstreamLimits,
        DnsSettings dns,
        RequestObserver observer,
        HandshakeMetrics handshakes) {

    public static final DataPlaneOptions DEFAULT = new DataPlaneOptions(
            Runtime.getRuntime().availableProcessors(),
            ListenerSettings.DEFAULT,
            ProxySettings.DEFAULT,
            HttpLimits.DEFAULT,
            DnsSettings.DEFAULT,
            RequestObserver.NONE,
            HandshakeMetrics.unread());
}
