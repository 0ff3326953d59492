package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.Headers;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;

/// Hears what follows a request that nobody handles.
enum DiscardingListener implements StreamListener {
    INSTANCE;

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
