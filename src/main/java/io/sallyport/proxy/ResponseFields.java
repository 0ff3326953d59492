package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;

/// The fields that every response gets from the gateway, whoever made it.
final class ResponseFields {
    private ResponseFields() {}

    /// A gateway stands for the services behind it; the mesh listener does not stand for other people's: their `server`
    /// is left as it is.
    static void complete(Headers headers, HttpConnection connection) {
        ProxyLoop loop = connection.loop;
        if (!headers.contains(HeaderNames.DATE)) {
            headers.add(HeaderNames.DATE, loop.date.value());
        }
        AsciiString server = loop.settings.serverHeader();
        boolean foreign = connection.mesh && headers.contains(HeaderNames.SERVER);
        if (server != null && !foreign) {
            headers.set(HeaderNames.SERVER, server);
        }
    }
}
