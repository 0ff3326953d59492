package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Base64DecoderTest {
    /// Messages that are encoded one by one, with their padding, and cut anywhere.
    @RepeatedTest(200)
    void whateverTheCutsAndThePaddingTheBytesAreTheSame() {
        var random = new Random();
        var expected = new ByteArrayOutputStream();
        var text = new StringBuilder();
        for (int i = random.nextInt(5); i >= 0; i--) {
            byte[] message = new byte[random.nextInt(40)];
            random.nextBytes(message);
            expected.writeBytes(message);
            text.append(Base64.getEncoder().encodeToString(message));
        }
        var decoder = new Base64Decoder();
        var decoded = new ByteArrayOutputStream();
        for (int from = 0; from < text.length(); ) {
            int to = Math.min(text.length(), from + 1 + random.nextInt(9));
            decoded.writeBytes(ByteBufUtil.getBytes(
                    decoder.decode(Unpooled.copiedBuffer(text.substring(from, to), StandardCharsets.US_ASCII))));
            from = to;
        }

        assertThat(decoded.toByteArray()).isEqualTo(expected.toByteArray());
        assertThat(decoder.isWithin()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=",
                "A=",
                "A===",
                "AA=A",
                "AAA=A===",
                "AA-_",
                "AA\r\nAA==",
                " AAAA",
                "AAAA\0",
                "AB==",
                "AAB=",
                "AAA\u00e9"
            })
    void whatIsNotBase64IsRefused(String text) {
        ByteBuf part = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);

        assertThat(new Base64Decoder().decode(part)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"A", "AA", "AAA", "AA=", "AAAAA"})
    void aGroupThatIsNotCompleteIsSeen(String text) {
        var decoder = new Base64Decoder();
        decoder.decode(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));

        assertThat(decoder.isWithin()).isTrue();
    }
}
