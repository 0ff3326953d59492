package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Frames in any order and shape, to receivers that do anything: nothing throws, nothing leaks, and nobody hears what
/// does not follow from what was heard before.
class FrameFuzzTest {
    private static final int ROUNDS = Integer.getInteger("sallyport.fuzz.rounds", 1_000);

    @Test
    void mangledRequests() {
        Random random = new Random(1);
        FrameMangler mangler = new FrameMangler(random, true);
        for (int round = 0; round < ROUNDS; round++) {
            check(mangler.next(2 + random.nextInt(20)), random, true);
        }
    }

    @Test
    void mangledResponses() {
        Random random = new Random(2);
        FrameMangler mangler = new FrameMangler(random, false);
        for (int round = 0; round < ROUNDS; round++) {
            check(mangler.next(2 + random.nextInt(20)), random, false);
        }
    }

    @FuzzTest(maxDuration = "5m")
    void anyBytes(byte[] bytes) {
        check(bytes, new Random(bytes.length), true);
        check(bytes, new Random(bytes.length), false);
    }

    private static void check(byte[] bytes, Random random, boolean server) {
        List<String> complaints = new ArrayList<>();
        List<ErraticExchange> exchanges = new ArrayList<>();
        try (TestPeer peer = server ? server(random, complaints, exchanges) : client(random, complaints, exchanges)) {
            int at = 0;
            while (at < bytes.length && !peer.isClosed()) {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 20 : 50_000));
                peer.send(Unpooled.copiedBuffer(bytes, at, length));
                at += length;
                for (ErraticExchange exchange : exchanges) {
                    exchange.act();
                }
                if (random.nextInt(20) == 0) {
                    peer.elapse(Duration.ofSeconds(random.nextInt(100)));
                }
            }
            peer.sent();
            peer.channel.close();
            for (ErraticExchange exchange : exchanges) {
                exchange.act();
                exchange.giveUp();
            }
            peer.channel.checkException();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(HexFormat.of().formatHex(bytes), e);
        }
        assertThat(complaints).as(HexFormat.of().formatHex(bytes)).isEmpty();
    }

    private static TestPeer server(Random random, List<String> complaints, List<ErraticExchange> exchanges) {
        return TestPeer.client(new RequestReceiver() {
            @Override
            public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
                String text = head.toString() + head.authority + head.path;
                if (text.contains("\r") || text.contains("\u0000") || head.authority.isEmpty()) {
                    complaints.add("bad head " + text);
                }
                ErraticExchange exchange = new ErraticExchange(random, complaints);
                exchanges.add(exchange);
                exchange.begin(stream, end);
                return exchange;
            }

            @Override
            public void onRejected(ServerStream stream, RequestHead head, int status, String details) {
                ErraticExchange answering = new ErraticExchange(random, complaints);
                answering.begin(stream, true);
                answering.act();
            }
        });
    }

    private static TestPeer client(Random random, List<String> complaints, List<ErraticExchange> exchanges) {
        TestPeer peer = TestPeer.server(new RecordingOwner(), HttpLimits.DEFAULT);
        for (int i = 0; i < 5; i++) {
            RequestHead head = new RequestHead(HttpVersion.HTTP_2, "POST", "http", "a.example", "/", new Headers());
            ErraticExchange exchange = new ErraticExchange(random, complaints);
            boolean end = random.nextBoolean();
            exchanges.add(exchange);
            exchange.begin(peer.clientConnection().open(head, end, exchange), end);
        }
        peer.send(Frames.settings());
        return peer;
    }
}
