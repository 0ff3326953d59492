package io.sallyport.listener;

import io.netty.channel.Channel;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.tls.DownstreamTlsContext;
import java.util.function.Consumer;

/// What becomes of a connection once its ClientHello has been read.
public sealed interface FilterChainTarget {

    /// TLS ends here.
    record Terminate(DownstreamTlsContext context, Secured next) implements FilterChainTarget {}

    /// The bytes go on as they are, the ClientHello first.
    ///
    /// @param next adds the handlers that relay them
    record Passthrough(Consumer<Channel> next) implements FilterChainTarget {}

    /// Adds the handlers that read what the client says within TLS.
    interface Secured {
        /// The handshake is done and the client, where it showed a certificate, is verified.
        void onSecured(Channel channel, ConnectionInfo.Tls tls);
    }
}
