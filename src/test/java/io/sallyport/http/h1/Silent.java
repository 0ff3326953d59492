package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.Headers;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;

/// A listener that lets go of what it hears.
class Silent implements StreamListener {
    @Override
    public void onData(ByteBuf data, boolean end) {
        data.release();
    }

    @Override
    public void onTrailers(Headers trailers) {}

    @Override
    public void onReset(StreamError error, String details) {}

    @Override
    public void onWritable() {}

    @Override
    public void onReadComplete() {}
}
