package io.sallyport.http;

import org.jspecify.annotations.Nullable;

/// Takes the requests of one downstream connection.
public interface RequestReceiver {
    /// A well-formed request head arrived. `end` is true where no body follows: so too for a request that asks for an
    /// upgrade, but not for CONNECT.
    ///
    /// @return is notified of what follows
    StreamListener onRequest(ServerStream stream, RequestHead head, boolean end);

    /// The bytes that arrived are not a request to forward. The receiver answers on the stream with that status, and
    /// the connection is closed after it (HTTP/1.1); on HTTP/2 the stream is reset unless the status is above 400.
    ///
    /// @param head what could be read of it, for the access log, or null
    /// @param status 400, 408, 413, 414, 417, 431, 501 or 505
    /// @param details the reason in snake_case, for the access log: `http1.two_hosts`
    void onRejected(ServerStream stream, @Nullable RequestHead head, int status, String details);
}
