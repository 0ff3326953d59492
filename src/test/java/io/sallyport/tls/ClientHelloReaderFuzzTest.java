package io.sallyport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.sallyport.tls.ClientHelloReader.Result;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What holds for every sequence of bytes that comes out of a tunnel.
class ClientHelloReaderFuzzTest {
    private static final int ROUNDS = Integer.getInteger("sallyport.fuzz.rounds", 20_000);

    @Test
    void damagedHellos() throws Exception {
        byte[] real = ClientHelloReaderTest.real("api.example.com");
        Random random = new Random(8446);
        int[] results = new int[Result.values().length];
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = ClientHelloReaderTest.inRecordsOf(1 + random.nextInt(real.length), real);
            for (int i = random.nextInt(4); i > 0; i--) {
                int within = random.nextBoolean() ? Math.min(64, bytes.length) : bytes.length;
                bytes[random.nextInt(within)] = (byte) random.nextInt(256);
            }
            results[
                    check(Arrays.copyOf(bytes, bytes.length - random.nextInt(2) * random.nextInt(bytes.length)), random)
                            .ordinal()]++;
        }
        assertThat(results).as("each result was met").doesNotContain(0);
    }

    @FuzzTest(maxDuration = "5m")
    void anyBytes(byte[] bytes) {
        check(bytes, new Random(bytes.length));
    }

    /// However the bytes are cut the answer is the same; it comes with the first byte that tells, and stays; a name is
    /// one that a host can have.
    private static Result check(byte[] bytes, Random random) {
        ClientHelloReader whole = new ClientHelloReader();
        Result result = whole.read(Unpooled.wrappedBuffer(bytes));
        ClientHelloReader cut = new ClientHelloReader();
        Result last = Result.NEED_MORE;
        for (int at = 0; at < bytes.length; ) {
            int next = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 4 : 400));
            Result now = cut.read(Unpooled.wrappedBuffer(bytes, at, next - at));
            assertThat(last).isIn(Result.NEED_MORE, now);
            last = now;
            at = next;
        }
        assertThat(last).isEqualTo(result);
        if (result == Result.COMPLETE) {
            assertThat(cut.hello()).isEqualTo(whole.hello());
            String name = whole.hello().serverName();
            assertThat(name == null || name.matches("[a-z0-9._-]+")).isTrue();
        }
        return result;
    }
}
