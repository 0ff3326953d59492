package io.sallyport.http;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// A request that a client sent, and the place to write its response.
public interface ServerStream extends HttpStream {
    /// What is known of the connection the request came on.
    ConnectionInfo connection();

    /// Writes an interim response (1xx but 101) at once; dropped for an HTTP/1.0 client.
    void writeInformational(int status, Headers headers);

    /// Writes the response's head. Framing is chosen here: `content-length` as given, else chunked or, for an
    /// HTTP/1.0 client, ended by closing. The head is written before this returns, and not kept. Once the
    /// response has ended, the rest of the request's body is discarded and its listener is not notified any
    /// more.
    ///
    /// After status 101, and 2xx to CONNECT, both directions carry raw bytes as data, and `end` half-closes; until
    /// then what the client sends behind such a request is held back. A CONNECT tunnel has no time-out here but the
    /// one for a client that does not read: its owner sets one on silence.
    void writeHead(ResponseHead head, boolean end);

    /// After a switch: the channel whose socket carries the stream's bytes as they are.
    ///
    /// @return null where there is none, as within TLS and HTTP/2
    default @Nullable Channel bareChannel() {
        return null;
    }

    /// Hands to that channel what was written before, now.
    ///
    /// @return false where there is none, or the response has ended
    default boolean sendNow() {
        return false;
    }

    /// The connection ends after this response: `connection: close`, or GOAWAY.
    void closeAfterResponse();
}
