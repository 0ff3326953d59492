package io.sallyport.http.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The wire format of Protocol Buffers, by the examples of its documentation (protobuf.dev, Encoding) and by chance.
class ProtoTest {
    private static final HexFormat HEX = HexFormat.of();

    /// What a message holds, read without knowing its fields: numbers, and texts for all else.
    private static List<String> read(byte[] message, int wireType) throws ProtoException {
        List<String> fields = new ArrayList<>();
        ProtoReader reader = new ProtoReader(message);
        while (reader.next()) {
            fields.add(reader.field() + "="
                    + switch (wireType) {
                        case 0 -> Long.toString(reader.number());
                        case 2 -> reader.text();
                        default -> "skipped";
                    });
        }
        return fields;
    }

    @ParameterizedTest
    @CsvSource({
        "089601, 0, 1=150",
        "120774657374696e67, 2, 2=testing",
        "08ffffffffffffffffff01, 0, 1=-1",
        "08feffffffffffffffff01, 0, 1=-2",
        "f8ffffff0f01, 0, 536870911=1",
        "0880808080808080808080, 0, fault",
        "08808080808080808080807f, 0, fault",
        "08, 0, fault",
        "0880, 0, fault",
        "0001, 0, fault",
        "1200, 2, 2=",
        "1201, 2, fault",
        "12ffffffff0f41, 2, fault",
        "12ffffffffffffffffff01, 2, fault",
        "1202c328, 2, fault",
        "0d01020304, 5, 1=skipped",
        "0d010203, 5, fault",
        "090102030405060708, 1, 1=skipped",
        "09010203040506, 1, fault",
        "0b0c, 3, fault",
        "0c, 4, fault",
        "0e, 6, fault",
        "0f, 7, fault",
        "0a0141, 0, fault",
        "0801, 2, fault",
        "80808080800101, 0, fault",
        "8280808010, 0, fault",
    })
    void aMessageIsReadToItsEndOrRefused(String hex, int wireType, String result) throws ProtoException {
        byte[] message = HEX.parseHex(hex);
        if (result.equals("fault")) {
            assertThatThrownBy(() -> read(message, wireType)).isInstanceOf(ProtoException.class);
        } else {
            assertThat(read(message, wireType)).containsExactly(result);
        }
    }

    @Test
    void whatIsWrittenIsWhatTheDocumentationShows() {
        assertThat(HEX.formatHex(new ProtoWriter().number(1, 150).toBytes())).isEqualTo("089601");
        assertThat(HEX.formatHex(new ProtoWriter().text(2, "testing").toBytes()))
                .isEqualTo("120774657374696e67");
        assertThat(HEX.formatHex(new ProtoWriter()
                        .message(3, inner -> inner.number(1, 150))
                        .toBytes()))
                .isEqualTo("1a03089601");
        assertThat(HEX.formatHex(new ProtoWriter().number(1, -2).toBytes())).isEqualTo("08feffffffffffffffff01");
        assertThat(HEX.formatHex(new ProtoWriter()
                        .number(1, 0)
                        .text(2, "")
                        .bytes(3, new byte[0])
                        .message(4, inner -> {})
                        .toBytes()))
                .isEqualTo("2200");
    }

    @Test
    void numbersOfFixedSizeAreWrittenFromTheirLowestByte() {
        assertThat(HEX.formatHex(
                        new ProtoWriter().fixed64(1, 0x0102030405060708L).toBytes()))
                .isEqualTo("090807060504030201");
        assertThat(HEX.formatHex(new ProtoWriter().fixed32(16, 0x301).toBytes()))
                .isEqualTo("850101030000");
        assertThat(new ProtoWriter().fixed64(1, 0).fixed32(2, 0).toBytes()).isEmpty();
        assertThat(HEX.formatHex(new ProtoWriter().always(3, 0).toBytes())).isEqualTo("1800");
    }

    @Test
    void contentIsWrittenInParts() {
        ProtoWriter writer = new ProtoWriter();
        int outer = writer.open(1);
        writer.bigEndian(0x0102030405060708L);
        int inner = writer.open(2);
        writer.utf8("abcdef", 2, 4);
        writer.raw(new byte[] {1});
        writer.close(inner);
        writer.close(outer);
        assertThat(HEX.formatHex(writer.toBytes())).isEqualTo("0a0d01020304050607081203636401");

        writer.truncate(0);
        assertThat(writer.number(1, 1).size()).isEqualTo(2);
    }

    /// As the JDK's encoder has it, over texts of every width in every kind of sequence.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "\u007f\u0080",
                "\u07ff\u0800\uffff",
                "\ud800\udc00\udbff\udfff",
                "\ud800",
                "\udc00a",
                "a\ud800b"
            })
    void textsAreUtf8(String text) {
        for (int repeat : new int[] {1, 43, 200}) {
            String whole = "x".repeat(repeat) + text.repeat(repeat);
            for (CharSequence each : new CharSequence[] {whole, new StringBuilder(whole)}) {
                assertThat(new ProtoWriter().text(1, each).toBytes())
                        .isEqualTo(new ProtoWriter()
                                .bytes(1, whole.getBytes(StandardCharsets.UTF_8))
                                .toBytes());
            }
        }
    }

    @Test
    void aMessageOfAnyLengthHasTheShortestPrefix() throws ProtoException {
        for (int length : new int[] {0, 127, 128, 16_383, 16_384, 1 << 20, 3 << 20}) {
            byte[] content = new byte[length];
            ProtoWriter writer = new ProtoWriter().number(1, 7);
            int start = writer.open(2);
            writer.raw(content);
            writer.close(start);
            writer.number(3, 8);

            ProtoReader reader = new ProtoReader(writer.toBytes());
            assertThat(reader.next()).isTrue();
            assertThat(reader.number()).isEqualTo(7);
            assertThat(reader.next()).isTrue();
            assertThat(reader.bytes()).isEqualTo(content);
            assertThat(reader.next()).isTrue();
            assertThat(reader.number()).isEqualTo(8);
        }
    }

    /// What is sent behind the message belongs to it, at whatever depth.
    @Test
    void aFieldThatIsAnnouncedIsSentBehindTheMessage() {
        byte[] whole = new ProtoWriter()
                .number(1, 1)
                .message(2, inner -> inner.message(3, last -> last.text(4, "a").text(5, "testing")))
                .toBytes();
        byte[] head = new ProtoWriter()
                .number(1, 1)
                .message(2, inner -> inner.message(3, last -> last.text(4, "a").announce(5, 7)))
                .toBytes();
        assertThat(HEX.formatHex(head) + HEX.formatHex("testing".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(HEX.formatHex(whole));
        assertThat(new ProtoWriter().announce(1, 0).number(2, 1).toBytes()).hasSize(2);
        assertThatThrownBy(() -> new ProtoWriter()
                        .message(1, inner -> inner.announce(2, 1))
                        .number(3, 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void fieldsThatNobodyReadsAreSkipped() throws ProtoException {
        byte[] message = new ProtoWriter()
                .text(9, "unknown")
                .number(10, 7)
                .message(2, inner -> inner.text(5, "unknown").text(1, "ü€😀"))
                .toBytes();
        ProtoReader reader = new ProtoReader(message);
        String found = null;
        while (reader.next()) {
            if (reader.field() == 2) {
                ProtoReader inner = reader.message();
                while (inner.next()) {
                    found = inner.field() == 1 ? inner.text() : found;
                }
            }
        }
        assertThat(found).isEqualTo("ü€😀");
    }

    @Test
    void noBytesDoMoreThanBeRefused() {
        Random random = new Random(42);
        byte[] good = new ProtoWriter()
                .text(1, "spiffe://example.org/a")
                .bytes(2, new byte[300])
                .message(3, inner -> inner.number(1, 1L << 60).text(2, "x"))
                .toBytes();
        for (int round = 0; round < 20_000; round++) {
            byte[] message = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                message[random.nextInt(message.length)] = (byte) random.nextInt(256);
            }
            int refused = 0;
            for (int wireType : new int[] {0, 2, 5}) {
                try {
                    read(message, wireType);
                } catch (ProtoException e) {
                    refused++;
                }
            }
            assertThat(refused).isBetween(0, 3);
        }
    }

    @Test
    void aTextOfAnyLengthComesBack() throws ProtoException {
        for (int length : new int[] {1, 127, 128, 16_383, 16_384, 1 << 20}) {
            String text = "x".repeat(length);
            byte[] message = new ProtoWriter().text(1, text).toBytes();
            ProtoReader reader = new ProtoReader(message);
            assertThat(reader.next()).isTrue();
            assertThat(new String(reader.bytes(), StandardCharsets.UTF_8)).isEqualTo(text);
            assertThat(reader.next()).isFalse();
        }
    }

    /// Whatever was set aside for the length, and whatever it then takes.
    @ParameterizedTest
    @CsvSource({"0", "1", "127", "128", "200", "16383", "16384", "70000"})
    void aLengthTakesNoMoreThanItNeeds(int size) {
        byte[] shortest =
                new ProtoWriter().bytes(3, new byte[size]).bytes(4, new byte[1]).toBytes();
        for (int lengthBytes = 1; lengthBytes <= 4; lengthBytes++) {
            ProtoWriter out = new ProtoWriter();
            int start = out.open(3, lengthBytes);
            out.raw(new byte[size]);
            out.close(start, lengthBytes);
            byte[] written = out.bytes(4, new byte[1]).toBytes();

            assertThat(written).isEqualTo(size == 0 ? HEX.parseHex("1a00220100") : shortest);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 9, 10, 99, 100, 1_234_567_890_123L, Long.MAX_VALUE})
    void aNumberIsWrittenInDigits(long number) {
        ProtoWriter out = new ProtoWriter();
        out.decimal(number);

        assertThat(new String(out.toBytes(), StandardCharsets.US_ASCII)).isEqualTo(Long.toString(number));
    }

    @Test
    void headersAreWrittenLikeOtherTexts() {
        for (String text : List.of("", "plain", "b\u00fccher", "\u00ff")) {
            byte[] latin = text.getBytes(StandardCharsets.ISO_8859_1);
            byte[] behind = new byte[latin.length + 3];
            System.arraycopy(latin, 0, behind, 2, latin.length);
            AsciiString header = new AsciiString(behind, 2, latin.length, false);

            assertThat(new ProtoWriter().text(1, header).toBytes())
                    .isEqualTo(new ProtoWriter().text(1, text).toBytes());
        }
    }
}
