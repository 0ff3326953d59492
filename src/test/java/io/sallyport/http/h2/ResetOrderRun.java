package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpStream;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A connection on which everything happens in an order that the seed decides, and a count of what may be seen of it on
/// the wire. The connection's window is never used up, so that the streams' windows alone decide what fits.
final class ResetOrderRun implements AutoCloseable {
    private static final int STREAMS = 6;
    private static final int STEPS = 60;
    private static final int LARGEST_WINDOW = 200;

    private final boolean client;
    private final long seed;
    private final Random random;
    private final TestPeer peer;
    private final List<Exchange> exchanges = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private int initialWindow;

    /// @param client the connection under test sends requests, and does not answer them
    ResetOrderRun(boolean client, long seed) {
        this.client = client;
        this.seed = seed;
        random = new Random(seed);
        initialWindow = random.nextInt(LARGEST_WINDOW);
        peer = client
                ? TestPeer.server(new RecordingOwner(), HttpLimits.DEFAULT)
                : TestPeer.client(new Receiver(), HttpLimits.DEFAULT);
        peer.send(Frames.settings(4, initialWindow));
        peer.sent();
    }

    void play() {
        for (int step = 0; step < STEPS; step++) {
            if (exchanges.size() < STREAMS && random.nextInt(4) == 0) {
                open();
            } else if (!exchanges.isEmpty()) {
                Exchange exchange = exchanges.get(random.nextInt(exchanges.size()));
                if (random.nextInt(3) == 0) {
                    exchange.act();
                } else {
                    read(exchange);
                }
            }
            look();
        }
        for (Exchange exchange : exchanges) {
            peer.send(grant(exchange, 1));
            exchange.cancel();
        }
        look();
        exchanges.forEach(Exchange::check);
    }

    private void open() {
        int id = nextId();
        if (client) {
            Exchange exchange = new Exchange(id);
            exchanges.add(exchange);
            RequestHead head =
                    new RequestHead(HttpVersion.HTTP_2, Methods.POST, "http", "a.example", "/", new Headers());
            exchange.stream = peer.clientConnection().open(head, false, exchange);
            exchange.headWritten = true;
            peer.send(Frames.headers(id, false, ":status", "200"));
        } else {
            peer.send(Frames.post(id, "/"));
        }
    }

    /// To an endpoint, stream 1 is left to upgrades from HTTP/1.1.
    private int nextId() {
        return 2 * exchanges.size() + (client ? 3 : 1);
    }

    /// Some frames of the peer in one read, with whatever the exchange does in the midst of it.
    private void read(Exchange exchange) {
        List<ByteBuf> frames = new ArrayList<>();
        if (random.nextInt(3) == 0) {
            frames.add(grant(exchange, 1 + random.nextInt(40)));
        }
        if (random.nextInt(8) == 0) {
            frames.add(settings());
        }
        int granted = 0;
        if (!exchange.peerEnded) {
            exchange.actsInRead = random.nextInt(4);
            exchange.peerEnded = random.nextInt(12) == 0;
            frames.add(Frames.data(exchange.id, "up", exchange.peerEnded));
            if (random.nextInt(2) == 0) {
                granted = 1 + random.nextInt(40);
                frames.add(Frames.windowUpdate(exchange.id, granted));
            }
        }
        boolean breaks = !exchange.peerOver && random.nextInt(15) == 0;
        if (breaks) {
            frames.add(random.nextBoolean() ? Frames.windowUpdate(exchange.id, 0) : Frames.reset(exchange.id, 8));
        }
        log.add("read of " + frames.size() + " on " + exchange.id + (breaks ? ", breaks" : ""));
        peer.send(frames.toArray(ByteBuf[]::new));
        exchange.actsInRead = 0;
        exchange.grant(granted);
        if (breaks) {
            exchange.peerOver = true;
            exchange.peerEnded = true;
        }
    }

    private ByteBuf grant(Exchange exchange, int bytes) {
        exchange.grant(bytes);
        return Frames.windowUpdate(exchange.id, bytes);
    }

    private ByteBuf settings() {
        int before = initialWindow;
        initialWindow = random.nextInt(LARGEST_WINDOW);
        exchanges.forEach(exchange -> exchange.grant(initialWindow - before));
        return Frames.settings(4, initialWindow);
    }

    private void look() {
        for (SentFrame frame : peer.sent()) {
            log.add(frame.toString());
            assertThat(frame.type()).as(() -> text("GOAWAY")).isNotEqualTo(Frames.GOAWAY);
            for (Exchange exchange : exchanges) {
                if (exchange.id == frame.stream()) {
                    exchange.see(frame);
                }
            }
        }
    }

    private String text(String what) {
        return what + ", seed " + seed + ":\n" + String.join("\n", log);
    }

    @Override
    public void close() {
        peer.close();
    }

    private final class Receiver implements RequestReceiver {
        @Override
        public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
            Exchange exchange = new Exchange(nextId());
            exchange.stream = stream;
            exchanges.add(exchange);
            for (int i = random.nextInt(3); i > 0; i--) {
                exchange.act();
            }
            return exchange;
        }

        @Override
        public void onRejected(ServerStream stream, RequestHead head, int status, String details) {
            throw new AssertionError(details);
        }
    }

    private final class Exchange implements ResponseListener {
        private final int id;
        private HttpStream stream;
        private boolean headWritten;
        /// The gateway has ended its message, or cut the exchange.
        private boolean over;
        private int written;
        private int owed = -1;
        private int granted = initialWindow;
        private int mostGranted = initialWindow;
        private final StringBuilder sent = new StringBuilder();
        private boolean endSent;
        private boolean resetSent;
        private boolean peerEnded;
        /// The peer has reset the stream, or broken the protocol on it.
        private boolean peerOver;
        private int actsInRead;

        Exchange(int id) {
            this.id = id;
        }

        void grant(int bytes) {
            granted += bytes;
            mostGranted = Math.max(mostGranted, granted);
        }

        void act() {
            switch (random.nextInt(14)) {
                case 0, 1, 2, 3, 4, 5 -> write(random.nextInt(8) == 0);
                case 6 -> trailers();
                case 7, 8, 9 -> flush();
                case 10 -> cancel();
                case 11 -> stream.pauseReading();
                default -> stream.resumeReading();
            }
        }

        private void head() {
            if (!headWritten && stream instanceof ServerStream server) {
                headWritten = true;
                server.writeHead(new ResponseHead(200, new Headers()), false);
            }
        }

        private void write(boolean end) {
            head();
            int length = random.nextInt(60);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < length; i++) {
                text.append((char) ('a' + (written + i) % 26));
            }
            if (!over && !peerOver) {
                written += length;
                over = end;
            }
            log.add(id + " writes " + length + (end ? " and ends" : ""));
            stream.writeData(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), end);
        }

        private void trailers() {
            if (random.nextInt(3) == 0) {
                head();
                over = true;
                log.add(id + " writes trailers");
                stream.writeTrailers(new Headers().add(HeaderNames.VARY, "x"));
            }
        }

        private void flush() {
            log.add(id + " flushes");
            stream.flush();
        }

        void cancel() {
            if (owed < 0 && !peerOver) {
                owed = Math.min(written, Math.max(0, granted));
            }
            over = true;
            log.add(id + " resets");
            stream.reset(StreamError.CANCEL);
        }

        void see(SentFrame frame) {
            assertThat(resetSent).as(() -> text(frame + " follows a reset")).isFalse();
            switch (frame.type()) {
                case Frames.RST_STREAM -> resetSent = true;
                case Frames.WINDOW_UPDATE -> {}
                default -> {
                    assertThat(endSent)
                            .as(() -> text(frame + " follows the end"))
                            .isFalse();
                    endSent = frame.ends();
                    if (frame.type() == Frames.DATA) {
                        sent.append(new String(frame.payload(), StandardCharsets.US_ASCII));
                    }
                }
            }
        }

        void check() {
            for (int i = 0; i < sent.length(); i++) {
                assertThat(sent.charAt(i)).as(() -> text("body of " + id)).isEqualTo((char) ('a' + i % 26));
            }
            assertThat(sent.length())
                    .as(() -> text("bytes sent of " + id))
                    .isBetween(Math.max(0, owed), Math.min(written, Math.max(0, mostGranted)));
        }

        @Override
        public void onHead(ResponseHead head, boolean end) {}

        @Override
        public void onInformational(int status, Headers headers) {}

        @Override
        public void onData(ByteBuf data, boolean end) {
            data.release();
            for (; actsInRead > 0; actsInRead--) {
                act();
            }
        }

        @Override
        public void onTrailers(Headers trailers) {}

        @Override
        public void onReadComplete() {}

        @Override
        public void onWritable() {}

        @Override
        public void onReset(StreamError error, String details) {
            log.add(id + " hears " + error + " " + details);
            peerOver = true;
        }
    }
}
