package io.sallyport.tls;

import static io.sallyport.tls.ClientHelloReader.Result.COMPLETE;
import static io.sallyport.tls.ClientHelloReader.Result.NEED_MORE;
import static io.sallyport.tls.ClientHelloReader.Result.NOT_TLS;
import static io.sallyport.tls.ClientHelloReader.Result.TOO_LARGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sallyport.tls.ClientHelloReader.Result;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientHelloReaderTest {
    private final ClientHelloReader reader = new ClientHelloReader();

    /// What the JDK's own client sends.
    static byte[] real(String name) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("x", 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        return Arrays.copyOf(out.array(), out.position());
    }

    /// The same message, each record with that many bytes of it.
    static byte[] inRecordsOf(int size, byte[] record) {
        ByteBuf out = Unpooled.buffer();
        for (int at = 5; at < record.length; at += size) {
            int count = Math.min(size, record.length - at);
            out.writeByte(22).writeShort(0x0301).writeShort(count).writeBytes(record, at, count);
        }
        return ByteBufUtil.getBytes(out);
    }

    private static ByteBuf bytes(byte[] bytes, int from, int to) {
        return Unpooled.wrappedBuffer(bytes, from, to - from);
    }

    private Result read(byte[] bytes) {
        return reader.read(Unpooled.wrappedBuffer(bytes));
    }

    private static void checkHello(ClientHelloReader reader) {
        assertThat(reader.hello())
                .usingRecursiveComparison()
                .ignoringFields("keys")
                .isEqualTo(new ClientHello("api.example.com", List.of("h2", "http/1.1"), false));
    }

    @Test
    void aRealHelloIsReadWhereverItIsCutInTwo() throws Exception {
        byte[] hello = real("API.example.com");
        for (int cut = 1; cut < hello.length; cut++) {
            ClientHelloReader each = new ClientHelloReader();
            assertThat(each.read(bytes(hello, 0, cut))).isEqualTo(NEED_MORE);
            assertThat(each.read(bytes(hello, cut, hello.length))).isEqualTo(COMPLETE);
            checkHello(each);
        }
    }

    @Test
    void itIsReadInRecordsAndPiecesOfEverySize() throws Exception {
        byte[] record = real("api.example.com");
        for (int size : new int[] {1, 2, 3, 4, 5, 7, 16, 100, record.length - 6, record.length}) {
            byte[] sent = inRecordsOf(size, record);
            for (int piece : new int[] {1, 2, 3, 5, 6, 11, 64, sent.length}) {
                ClientHelloReader each = new ClientHelloReader();
                for (int at = 0; at < sent.length; at += piece) {
                    int to = Math.min(sent.length, at + piece);
                    assertThat(each.read(bytes(sent, at, to))).isEqualTo(to < sent.length ? NEED_MORE : COMPLETE);
                }
                checkHello(each);
            }
        }
    }

    @Test
    void nothingIsConsumedAndWhatFollowsStaysReadable() throws Exception {
        byte[] hello = real("api.example.com");
        ByteBuf piece = Unpooled.buffer().writeBytes("skipped".getBytes(StandardCharsets.US_ASCII));
        piece.skipBytes(7).writeBytes(hello).writeBytes(new byte[] {23, 3, 3, 0, 1, 0});
        ByteBuf before = piece.copy();

        assertThat(reader.read(piece)).isEqualTo(COMPLETE);
        assertThat(piece).isEqualTo(before);
        assertThat(piece.readerIndex()).isEqualTo(7);
        assertThat(piece.refCnt()).isEqualTo(1);
        assertThat(reader.read(Unpooled.wrappedBuffer(new byte[] {0, 1, 2}))).isEqualTo(COMPLETE);
        checkHello(reader);
    }

    @Test
    void aSecondMessageInTheSameRecordIsNotLookedAt() {
        ByteBuf first = Hello.message(Hello.body(Hello.serverName("a.example")));
        ByteBuf second = Hello.message(Hello.body(Hello.serverName("b.example")));
        ByteBuf both = Unpooled.buffer()
                .writeByte(22)
                .writeShort(0x0301)
                .writeShort(first.readableBytes() + second.readableBytes())
                .writeBytes(first)
                .writeBytes(second);

        assertThat(reader.read(both)).isEqualTo(COMPLETE);
        assertThat(reader.hello().serverName()).isEqualTo("a.example");
    }

    @ParameterizedTest
    @CsvSource({
        "SSLv2 hello, 802b0100020012000000100100800700c0, NOT_TLS",
        "text, 474554202f20, NOT_TLS",
        "SSH, 5353482d322e30, NOT_TLS",
        "nothing, '', NEED_MORE",
        "a first byte, 16, NEED_MORE",
        "NUL, 00, NOT_TLS",
        "an alert, 15030300020228, NOT_TLS",
        "application data, 1703030001, NOT_TLS",
        "another version of the record, 1602, NOT_TLS",
        "DTLS, 16feff, NOT_TLS",
        "a record too long, 1603014001, NOT_TLS",
        "the longest record, 1603014000, NEED_MORE",
        "a ServerHello, 160303000402, NOT_TLS",
        "a HelloRequest, 160303000400, NOT_TLS",
        "a hello too long, 160301000401010000, TOO_LARGE",
        "a hello of 16 MiB, 160301000401ffffff, TOO_LARGE",
        "the longest hello, 16030100040100fff7, NEED_MORE",
        "an empty hello, 160301000401000000, COMPLETE",
        "a record of another type within the hello, 16030100020100150303, NOT_TLS",
        "change_cipher_spec within the hello, 160301000201001403030001, NOT_TLS",
    })
    void whatIsNoHelloIsSaidByTheFirstByteThatTells(String what, String hex, Result result) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThat(read(bytes)).as(what).isEqualTo(result);
        ClientHelloReader slow = new ClientHelloReader();
        for (int i = 0; i < bytes.length; i++) {
            Result each = slow.read(bytes(bytes, i, i + 1));
            assertThat(each).isIn(NEED_MORE, result);
        }
        assertThat(slow.read(Unpooled.EMPTY_BUFFER)).isEqualTo(result);
    }

    @Test
    void anAnswerStands() throws Exception {
        assertThat(read(new byte[] {0})).isEqualTo(NOT_TLS);
        assertThat(read(real("api.example.com"))).isEqualTo(NOT_TLS);
        assertThatThrownBy(reader::hello).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void recordsBytesCountWhateverTheyCarry() {
        byte[] message = ByteBufUtil.getBytes(
                Hello.record(Hello.body(Hello.extension(1, Unpooled.wrappedBuffer(new byte[20_000])))));
        assertThat(read(inRecordsOf(1, message))).isEqualTo(TOO_LARGE);
        assertThat(new ClientHelloReader().read(Unpooled.wrappedBuffer(inRecordsOf(16_000, message))))
                .isEqualTo(COMPLETE);
    }

    @Test
    void theLimitIsExact() {
        byte[] header = {22, 3, 1, 0x40, 0};
        int body = ClientHelloReader.MAX_BYTES - 4 * header.length - 4;
        for (int more : new int[] {0, 1}) {
            ByteBuf message =
                    Unpooled.buffer().writeByte(1).writeMedium(body + more).writeZero(body + more);
            byte[] record = ByteBufUtil.getBytes(Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(header), message));
            byte[] sent = inRecordsOf(1 << 14, record);
            ClientHelloReader each = new ClientHelloReader();
            assertThat(each.read(Unpooled.wrappedBuffer(sent))).isEqualTo(more == 0 ? COMPLETE : TOO_LARGE);
        }
    }

    @Test
    void aFewEmptyRecordsArePassedOver() throws Exception {
        byte[] empty = {22, 3, 1, 0, 0};
        for (int i = 0; i < 8; i++) {
            assertThat(read(empty)).isEqualTo(NEED_MORE);
        }
        ClientHelloReader other = new ClientHelloReader();
        other.read(Unpooled.wrappedBuffer(empty));
        assertThat(other.read(Unpooled.wrappedBuffer(real("api.example.com")))).isEqualTo(COMPLETE);
        assertThat(read(empty)).isEqualTo(NOT_TLS);
    }

    @Test
    void whoSendsTwoNamesOrHidesOneIsSeen() {
        ByteBuf two = Hello.record(Hello.body(Hello.serverName("a.example"), Hello.serverName("b.example")));
        assertThat(reader.read(two)).isEqualTo(COMPLETE);
        assertThat(reader.hello().serverName()).isNull();

        ClientHelloReader hidden = new ClientHelloReader();
        ByteBuf outer = Hello.extension(0xfe0d, Unpooled.buffer().writeLong(1));
        assertThat(hidden.read(Hello.record(Hello.body(Hello.serverName("public.example"), outer))))
                .isEqualTo(COMPLETE);
        assertThat(hidden.hello())
                .usingRecursiveComparison()
                .ignoringFields("keys")
                .isEqualTo(new ClientHello("public.example", List.of(), true));

        ClientHelloReader address = new ClientHelloReader();
        assertThat(address.read(Hello.record(Hello.body(Hello.serverName("192.0.2.1")))))
                .isEqualTo(COMPLETE);
        assertThat(address.hello().serverName()).isEqualTo("192.0.2.1");
    }
}
