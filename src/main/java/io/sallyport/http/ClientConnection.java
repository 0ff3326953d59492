package io.sallyport.http;

import io.netty.channel.Channel;

/// A connection to an endpoint. One event loop owns it; all calls are made there.
public interface ClientConnection {
    Channel channel();

    HttpVersion version();

    /// How many more requests can be opened now: 0 or 1 for HTTP/1.1, up to the peer's limit for HTTP/2, 0 once
    /// closing.
    int availableStreams();

    /// Streams that are open now.
    int activeStreams();

    /// Opens a stream and writes the request's head (not flushed). Only while [#availableStreams()] is above 0.
    ///
    /// @param end true where no body follows; so too where an upgrade or a tunnel is asked for, whose raw data may
    ///     be written once the response has switched the connection
    ClientStream open(RequestHead head, boolean end, ResponseListener listener);

    /// Takes no more requests, lets open ones end, then closes.
    void drain();

    /// Cuts the connection and all its streams.
    void close();

    /// The pool that accounts for the connection.
    interface Owner {
        /// A stream ended, or the peer raised its limit: [#availableStreams()] may have grown.
        void onAvailable(ClientConnection connection);

        /// No further request may be opened (GOAWAY, `connection: close`, surplus bytes). Open ones go on.
        void onDraining(ClientConnection connection);

        /// It is closed; every stream's listener has been notified before.
        void onClosed(ClientConnection connection);
    }
}
