package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Writes down one response. `done` completes with its last event.
final class RecordingResponse implements ResponseListener {
    final List<String> events = Collections.synchronizedList(new ArrayList<>());
    final StringBuilder body = new StringBuilder();
    final CompletableFuture<String> done = new CompletableFuture<>();
    volatile ResponseHead head;
    int readCompletes;
    int writables;

    private void finish(String event) {
        events.add(event);
        done.complete(event);
    }

    @Override
    public void onInformational(int status, Headers headers) {
        events.add("informational " + status);
    }

    @Override
    public void onHead(ResponseHead head, boolean end) {
        this.head = head;
        events.add("head " + head.status);
        if (end) {
            finish("end");
        }
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        body.append(data.toString(StandardCharsets.ISO_8859_1));
        data.release();
        if (end) {
            finish("end");
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        finish("trailers " + trailers.toString().replace("\n", ";"));
    }

    @Override
    public void onReset(StreamError error, String details) {
        finish(error + " " + details);
    }

    @Override
    public void onWritable() {
        writables++;
    }

    @Override
    public void onReadComplete() {
        readCompletes++;
    }
}
