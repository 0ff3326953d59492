package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.route.HeaderOps;

/// Lets a route's header operations, which know no wire format, change a message's fields.
enum HeaderEditor implements HeaderOps.Editor<Headers> {
    INSTANCE;

    @Override
    public void remove(Headers headers, AsciiString name) {
        headers.remove(name);
    }

    @Override
    public void set(Headers headers, AsciiString name, AsciiString value) {
        headers.set(name, value);
    }

    @Override
    public void add(Headers headers, AsciiString name, AsciiString value) {
        headers.add(name, value);
    }
}
