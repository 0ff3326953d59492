package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What one request of a browser, and one response to it, cost to read and to write: both directions of a hop.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class Http1CodecBenchmark {
    private static final String REQUEST = """
            GET /api/v1/orders/4711?expand=lines&limit=50 HTTP/1.1\r
            Host: api.example.com\r
            User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r
            Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r
            Accept-Language: en-GB,en;q=0.5\r
            Accept-Encoding: gzip, deflate, br, zstd\r
            Authorization: Bearer eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl\r
            Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r
            X-Request-Id: 7f3b9c1e-5b0a-4a86-9d2c-5f1f0a1b2c3d\r
            X-Tenant: acme\r
            Connection: keep-alive\r
            \r
            """;
    private static final String RESPONSE = """
            HTTP/1.1 200 OK\r
            Date: Thu, 01 Jan 2026 00:00:00 GMT\r
            Content-Type: application/json; charset=utf-8\r
            Content-Length: 0\r
            Cache-Control: no-store\r
            Vary: accept-encoding\r
            Etag: "0123456789abcdef"\r
            X-Envoy-Upstream-Service-Time: 3\r
            Server: example\r
            \r
            """;

    private final ByteBuf request = buffer(REQUEST);
    private final ByteBuf response = buffer(RESPONSE);
    private final Http1RequestParser requests =
            new Http1RequestParser(HttpLimits.DEFAULT, Http1Options.DEFAULT, "http");
    private final Http1ResponseParser responses = new Http1ResponseParser(HttpLimits.DEFAULT);
    private final RequestEncoder requestEncoder = new RequestEncoder();
    private final ResponseEncoder responseEncoder = new ResponseEncoder();
    private final OutputBatch output;
    private final RequestHead requestHead;
    private final ResponseHead responseHead;

    public Http1CodecBenchmark() {
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        output = new OutputBatch(channel.pipeline().lastContext());
        requestHead = readRequest();
        responseHead = readResponse();
    }

    @Benchmark
    public RequestHead readRequest() {
        request.readerIndex(0);
        return requests.read(request);
    }

    @Benchmark
    public void writeRequest() {
        requestEncoder.head(output, requestHead, true);
        output.release();
    }

    @Benchmark
    public void relayRequest() {
        request.readerIndex(0);
        requestEncoder.head(output, requests.read(request), true);
        output.release();
    }

    @Benchmark
    public ResponseHead readResponse() {
        response.readerIndex(0);
        return responses.read(response, "GET");
    }

    @Benchmark
    public void writeResponse() {
        responseEncoder.begin(requestHead);
        responseEncoder.head(output, responseHead, true, false);
        output.release();
    }

    @TearDown
    public void tearDown() {
        request.release();
        response.release();
    }

    private static ByteBuf buffer(String text) {
        return PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
