package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersDecoder;
import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamListener;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a request and its response cost in the codec: the header block alone, and the whole exchange on a channel in
/// memory.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Http2ExchangeBenchmark implements RequestReceiver {
    private static final ByteBuf BODY =
            Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeZero(100));

    private final Headers responseHeaders = new Headers()
            .add(AsciiString.of("content-type"), "application/json")
            .add(AsciiString.of("content-length"), "100")
            .add(AsciiString.of("server"), "istio-envoy")
            .add(AsciiString.of("x-envoy-upstream-service-time"), "3")
            .add(AsciiString.of("date"), "Mon, 01 Jan 2026 00:00:00 GMT");

    private Http2HeadersDecoder flat;
    private Http2HeadersDecoder netty;
    private final ByteBuf block = Unpooled.directBuffer();
    private EmbeddedChannel channel;
    private ByteBuf request;
    private int stream;

    /// Anew for every iteration, whose responses use up the window of a connection.
    @Setup(Level.Iteration)
    public void start() throws Exception {
        connect();
        block.clear();
        DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
        ByteBuf first = Unpooled.buffer();
        encoder.encodeHeaders(1, headers(), first);
        // The second time, the fields are in the tables of both sides.
        encoder.encodeHeaders(3, headers(), block);
        flat = new Http2Codec.FieldsDecoder(HttpLimits.DEFAULT, false);
        netty = new DefaultHttp2HeadersDecoder(true, true, 60 * 1024);
        flat.decodeHeaders(1, first.duplicate());
        netty.decodeHeaders(1, first.duplicate());
        request = Frames.frame(Frames.HEADERS, Frames.END_HEADERS | Frames.END_STREAM, 1, first);
        exchange();
        request = Frames.frame(Frames.HEADERS, Frames.END_HEADERS | Frames.END_STREAM, 3, block.duplicate());
    }

    private void connect() {
        channel = new EmbeddedChannel();
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        channel.pipeline()
                .addLast(Http2ServerConnection.create(this, TestPeer.info(), HttpLimits.DEFAULT, Http2Options.DEFAULT));
        channel.writeInbound(Unpooled.wrappedBuffer(
                Frames.preface(),
                Frames.settings(),
                Frames.settingsAck(),
                Frames.windowUpdate(0, Integer.MAX_VALUE - 65_535)));
        stream = 1;
    }

    private static Http2Headers headers() {
        return new DefaultHttp2Headers()
                .method("GET")
                .scheme("https")
                .authority("payments.example.com")
                .path("/api/v1/payments?limit=20")
                .add("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
                .add("accept", "application/json")
                .add("accept-encoding", "gzip, deflate, br")
                .add("accept-language", "en-US,en;q=0.5")
                .add("cookie", "session=0123456789abcdef0123456789abcdef; theme=dark")
                .add("x-request-id", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736")
                .add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                .add("sec-fetch-mode", "cors");
    }

    @Benchmark
    public Http2Headers decodeFlat() throws Exception {
        return flat.decodeHeaders(3, block.duplicate());
    }

    @Benchmark
    public Http2Headers decodeNetty() throws Exception {
        return netty.decodeHeaders(3, block.duplicate());
    }

    @Benchmark
    public int exchange() {
        ByteBuf frame = channel.alloc().directBuffer(512);
        frame.writeBytes(request, 0, request.writerIndex()).setInt(5, stream);
        stream += 2;
        channel.writeInbound(frame);
        int bytes = 0;
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            bytes += out.readableBytes();
            out.release();
        }
        return bytes;
    }

    @Override
    public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
        stream.writeHead(new ResponseHead(200, responseHeaders), false);
        stream.writeData(BODY.duplicate(), true);
        return AbstractHttp2Stream.Discarding.INSTANCE;
    }

    @Override
    public void onRejected(ServerStream stream, RequestHead head, int status, String details) {
        throw new IllegalStateException(details);
    }
}
