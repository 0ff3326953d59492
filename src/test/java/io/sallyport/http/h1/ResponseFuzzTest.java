package io.sallyport.http.h1;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Responses that were mangled: by chance here, and by Jazzer, which otherwise replays what it once found.
class ResponseFuzzTest {
    private static final int ROUNDS = Integer.getInteger("sallyport.fuzz.rounds", 10_000);

    @Test
    void mangledResponses() {
        List<String> seeds = ClientResponseTest.responses()
                .map(row -> (String) row.get()[2])
                .filter(message -> message.length() < 400)
                .toList();
        Random random = new Random(1);
        Mangler mangler = new Mangler(seeds, random);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = mangler.next();
            try {
                ResponseInvariants.check(bytes, random);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(new String(bytes, StandardCharsets.ISO_8859_1), e);
            }
        }
    }

    @FuzzTest(maxDuration = "5m")
    void anyBytes(byte[] bytes) {
        ResponseInvariants.check(bytes, new Random(bytes.length));
    }
}
