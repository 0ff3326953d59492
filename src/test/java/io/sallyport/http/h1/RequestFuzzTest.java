package io.sallyport.http.h1;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Requests that were mangled: by chance here, and by Jazzer, which otherwise replays what it once found.
class RequestFuzzTest {
    private static final int ROUNDS = Integer.getInteger("sallyport.fuzz.rounds", 10_000);
    private static final List<Http1Options> OPTIONS =
            List.of(Http1Options.DEFAULT, Http1Options.DEFAULT.withForwardProxy(true));

    @Test
    void mangledRequests() {
        List<String> seeds = Stream.concat(
                        SplitPropertyTest.messages(), ChunkedBodyTest.broken().map(RequestFuzzTest::chunked))
                .filter(message -> message.length() < 2000)
                .toList();
        Random random = new Random(1);
        Mangler mangler = new Mangler(seeds, random);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = mangler.next();
            try {
                RequestInvariants.check(bytes, random, OPTIONS.get(round & 1));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(new String(bytes, StandardCharsets.ISO_8859_1), e);
            }
        }
    }

    @FuzzTest(maxDuration = "5m")
    void anyBytes(byte[] bytes) {
        for (Http1Options options : OPTIONS) {
            RequestInvariants.check(bytes, new Random(bytes.length), options);
        }
    }

    private static String chunked(String body) {
        return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
    }
}
