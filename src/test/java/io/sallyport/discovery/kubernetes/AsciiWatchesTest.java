package io.sallyport.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AsciiWatchesTest {
    private static final String TEXT = "{\"a\":\"plain, für, 日本, 😀\",\"b\":\"\\u00e4\"}";

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 100})
    void textIsTheSameHoweverItIsCut(int part) {
        AsciiWatches.Escapes escapes = new AsciiWatches.Escapes();
        byte[] bytes = TEXT.getBytes(StandardCharsets.UTF_8);
        StringBuilder decoded = new StringBuilder();
        for (int from = 0; from < bytes.length; from += part) {
            ByteBuffer ascii = escapes.ascii(ByteBuffer.wrap(bytes, from, Math.min(part, bytes.length - from)));
            // As the client does.
            decoded.append(StandardCharsets.UTF_8.decode(ascii).array());
        }
        assertThat(new JsonObject(decoded.toString())).isEqualTo(new JsonObject(TEXT));
    }
}
