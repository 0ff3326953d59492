package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpStream;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import java.util.List;
import java.util.Random;

/// Does anything that the interfaces allow at any time, and complains of what they do not.
final class ErraticExchange implements ResponseListener {
    private final Random random;
    private final List<String> complaints;
    private HttpStream stream;
    private boolean headSeen;
    private boolean over;
    private boolean silenced;

    ErraticExchange(Random random, List<String> complaints) {
        this.random = random;
        this.complaints = complaints;
    }

    /// @param end the message that arrives has no body
    void begin(HttpStream stream, boolean end) {
        this.stream = stream;
        headSeen = stream instanceof ServerStream;
        over = end && headSeen;
        act();
    }

    void act() {
        if (stream == null) {
            return;
        }
        switch (random.nextInt(14)) {
            case 0 -> stream.pauseReading();
            case 1, 2, 3 -> stream.resumeReading();
            case 4 -> {
                if (stream instanceof ServerStream server) {
                    server.writeHead(new ResponseHead(200, new Headers()), random.nextBoolean());
                }
            }
            case 5 -> data(false);
            case 6 -> data(true);
            case 7 -> {
                if (stream instanceof ServerStream server) {
                    server.writeInformational(103, new Headers());
                }
            }
            case 8 -> {
                if (random.nextInt(4) == 0) {
                    silenced = true;
                    stream.reset(StreamError.CANCEL);
                }
            }
            case 9, 10 -> stream.flush();
            default -> {
                // Waits.
            }
        }
    }

    /// Wants nothing of what may still be kept for it.
    void giveUp() {
        silenced = true;
        stream.reset(StreamError.CANCEL);
    }

    private void data(boolean end) {
        if (stream instanceof ServerStream server) {
            server.writeHead(new ResponseHead(200, new Headers()), false);
        }
        stream.writeData(Unpooled.wrappedBuffer(new byte[random.nextInt(30_000)]), end);
        stream.flush();
    }

    private void hear(String event, boolean ends) {
        if (over || silenced) {
            complaints.add(event + " after the end");
        }
        if (!headSeen) {
            complaints.add(event + " before the head");
        }
        over |= ends;
        act();
    }

    @Override
    public void onInformational(int status, Headers headers) {
        if (headSeen || silenced) {
            complaints.add("interim response after the head");
        }
        act();
    }

    @Override
    public void onHead(ResponseHead head, boolean end) {
        if (headSeen || silenced) {
            complaints.add("a second head");
        }
        headSeen = true;
        over = end;
        act();
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        data.release();
        hear("data", end);
    }

    @Override
    public void onTrailers(Headers trailers) {
        hear("trailers", true);
    }

    @Override
    public void onReset(StreamError error, String details) {
        if (silenced) {
            complaints.add("a second reset");
        }
        silenced = true;
    }

    @Override
    public void onWritable() {
        if (silenced) {
            complaints.add("writable after the end");
        }
        act();
    }

    @Override
    public void onReadComplete() {
        if (silenced) {
            complaints.add("read complete after the end");
        }
        act();
    }
}
