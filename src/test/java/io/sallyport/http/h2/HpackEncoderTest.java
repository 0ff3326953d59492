package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Header blocks, read by Netty's decoder, which has a table of its own.
class HpackEncoderTest {
    private final HpackEncoder encoder = new HpackEncoder(false);
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);

    private static Headers fields(String... namesAndValues) {
        Headers fields = new Headers(4);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(HeaderNames.intern(new AsciiString(namesAndValues[i])), namesAndValues[i + 1]);
        }
        return fields;
    }

    private byte[] encode(EncodedFields block) throws Http2Exception {
        ByteBuf out = Unpooled.buffer();
        encoder.encodeHeaders(1, block, out);
        return ByteBufUtil.getBytes(out);
    }

    private List<String> decode(byte[] block) throws Http2Exception {
        List<String> read = new ArrayList<>();
        Http2Headers headers = decoder.decodeHeaders(1, Unpooled.wrappedBuffer(block));
        headers.forEach(field -> read.add(field.getKey() + ": " + field.getValue()));
        return read;
    }

    private static String hex(byte[] block) {
        return ByteBufUtil.hexDump(block);
    }

    /// RFC 7541, C.5, without what varies.
    @Test
    void aFieldThatWasSentBeforeIsOneByte() throws Exception {
        EncodedFields block = EncodedFields.response(
                302, fields("cache-control", "private", "date", "Mon, 21 Oct 2013 20:13:21 GMT"));
        byte[] first = encode(block);
        byte[] second = encode(block);

        assertThat(hex(first))
                .isEqualTo("4803333032" + "580770726976617465"
                        + "611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54");
        assertThat(hex(second)).isEqualTo("c0" + "bf" + "be");
        List<String> expected =
                List.of(":status: 302", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT");
        assertThat(decode(first)).isEqualTo(expected);
        assertThat(decode(second)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"200, 88", "204, 89", "206, 8a", "304, 8b", "400, 8c", "404, 8d", "500, 8e"})
    void statusesOfTheStaticTableAreOneByte(int status, String expected) throws Exception {
        assertThat(hex(encode(EncodedFields.response(status, fields())))).isEqualTo(expected);
    }

    /// Every entry, by its name, and where it has a value as a whole: the decoder's table is Netty's.
    @ParameterizedTest
    @MethodSource("staticNames")
    void theDecoderHasTheSameStaticTable(String name) throws Exception {
        for (String value : List.of(
                "",
                "x",
                "GET",
                "POST",
                "/",
                "/index.html",
                "http",
                "https",
                "200",
                "204",
                "206",
                "304",
                "400",
                "404",
                "500",
                "gzip, deflate")) {
            if (name.charAt(0) != ':') {
                assertThat(decode(encode(EncodedFields.trailers(fields(name, value)))))
                        .containsExactly(name + ": " + value);
            } else {
                RequestHead head = new RequestHead(
                        HttpVersion.HTTP_2,
                        name.equals(":method") ? value : "GET",
                        name.equals(":scheme") ? value : "http",
                        "a",
                        name.equals(":path") && !value.isEmpty() ? value : "/x",
                        fields());
                assertThat(decode(encode(EncodedFields.request(head, true))))
                        .contains(":method: " + head.method, ":path: " + head.path, ":scheme: " + head.scheme);
            }
        }
    }

    private static Stream<String> staticNames() {
        return Stream.of((":method :path :scheme accept-charset accept-encoding accept-language accept-ranges accept"
                        + " access-control-allow-origin age allow authorization cache-control content-disposition"
                        + " content-encoding content-language content-length content-location content-range"
                        + " content-type cookie date etag expires from if-match if-modified-since if-none-match"
                        + " if-range if-unmodified-since last-modified link location max-forwards proxy-authenticate"
                        + " proxy-authorization range referer refresh retry-after server set-cookie"
                        + " strict-transport-security user-agent vary via www-authenticate")
                .split(" "));
    }

    @Test
    void aFieldThatWouldPushOutMuchIsNotAdded() throws Exception {
        decode(encode(EncodedFields.trailers(fields("server", "shop"))));
        for (int length : new int[] {986, 987, 3_900, 20_000}) {
            String value = "v".repeat(length);
            byte[] first = encode(EncodedFields.trailers(fields("x-much", value)));
            byte[] second = encode(EncodedFields.trailers(fields("x-much", value)));

            assertThat(second.length == 1).isEqualTo(length == 986);
            assertThat(decode(first)).containsExactly("x-much: " + value);
            assertThat(decode(second)).containsExactly("x-much: " + value);
        }
        assertThat(encode(EncodedFields.trailers(fields("server", "shop")))).hasSize(1);
    }

    @Test
    void aPlainRequestIsOfTheStaticTable() throws Exception {
        RequestHead head = new RequestHead(HttpVersion.HTTP_2, "GET", "https", "", "/", fields());

        assertThat(hex(encode(EncodedFields.request(head, true)))).startsWith("82" + "87" + "84");
    }

    /// By the first byte: 0001 is never indexed, 0000 is not added, 01 is added.
    @ParameterizedTest
    @CsvSource({
        "authorization, Basic eDp5, 1f08",
        "proxy-authorization, Basic eDp5, 1f22",
        "set-cookie, a=b, 1f28",
        "cookie, short=1, 1f11",
        "cookie, long=12345678901234567890, 60",
        "content-length, 7, 0f0d",
        "etag, \"abc\", 0f13",
        "location, /x, 0f1f",
        "age, 3, 0f06",
        "if-none-match, \"abc\", 0f1a",
        "x-request-id, 1-2-3, 000c",
        "traceparent, 00-1-2-01, 000b",
        "tracestate, a=b, 000a",
        "b3, 1-2, 0002",
        "grpc-timeout, 99m, 000c",
        "content-range, bytes 0-1/2, 0f0f",
        "x-envoy-upstream-service-time, 12, 001d",
        "server, shop, 76",
        "x-own, value, 4005"
    })
    void whatIsSecretOrVariesIsNotPutIntoTheTable(String name, String value, String begin) throws Exception {
        byte[] first = encode(EncodedFields.trailers(fields(name, value)));
        byte[] second = encode(EncodedFields.trailers(fields(name, value)));

        assertThat(hex(first)).startsWith(begin);
        boolean added = Integer.parseInt(begin.substring(0, 2), 16) >> 6 == 1;
        assertThat(second.length == 1).isEqualTo(added);
        assertThat(decode(first)).containsExactly(name + ": " + value);
        assertThat(decode(second)).containsExactly(name + ": " + value);
    }

    @Test
    void aNameThatWasSentBeforeIsNotRepeated() throws Exception {
        encode(EncodedFields.trailers(fields("x-own", "first")));
        byte[] second = encode(EncodedFields.trailers(fields("x-own", "other")));

        assertThat(hex(second)).startsWith("7e05");
    }

    @Test
    void whatHttp2ForbidsIsSkipped() throws Exception {
        byte[] block = encode(EncodedFields.response(
                200, fields("connection", "close", "te", "gzip", "te", "trailers", "host", "a", "keep-alive", "x")));

        assertThat(decode(block)).containsExactly(":status: 200", "te: trailers");
    }

    /// RFC 7541, 4.2.
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 100, 4_095})
    void anotherSizeOfTheTableBeginsTheNextBlock(long size) throws Exception {
        Headers fields = fields("server", "shop", "x-own", "value");
        decode(encode(EncodedFields.response(200, fields)));
        decoder.maxHeaderTableSize(size);
        encoder.configuration().maxHeaderTableSize(size);
        byte[] block = encode(EncodedFields.response(200, fields));

        assertThat(block[0] & 0xe0).isEqualTo(0x20);
        assertThat(decode(block)).containsExactly(":status: 200", "server: shop", "x-own: value");
    }

    @Test
    void theSmallestSizeMeanwhileIsSaidToo() throws Exception {
        encode(EncodedFields.trailers(fields("server", "shop")));
        encoder.configuration().maxHeaderTableSize(0);
        encoder.configuration().maxHeaderTableSize(4_096);
        byte[] block = encode(EncodedFields.trailers(fields("server", "shop")));

        assertThat(hex(block)).startsWith("20" + "3fe11f" + "7604");
        assertThat(encoder.configuration().maxHeaderTableSize()).isEqualTo(4_096);
    }

    @Test
    void noMoreThanTheDefaultIsUsed() throws Exception {
        encoder.configuration().maxHeaderTableSize(1 << 20);

        assertThat(encoder.configuration().maxHeaderTableSize()).isEqualTo(4_096);
        assertThat(hex(encode(EncodedFields.response(200, fields())))).isEqualTo("88");
        assertThatThrownBy(() -> encoder.configuration().maxHeaderTableSize(1L << 33))
                .isInstanceOf(Http2Exception.class);
    }

    @Test
    void aListOverThePeersLimitIsRefusedAndLeavesTheTableAsItWas() throws Exception {
        HpackEncoder strict = new HpackEncoder(true);
        strict.configuration().maxHeaderListSize(100);
        ByteBuf out = Unpooled.buffer();
        EncodedFields large = EncodedFields.trailers(fields("x-own", "v".repeat(64)));

        assertThatThrownBy(() -> strict.encodeHeaders(3, large, out)).isInstanceOf(HeaderListSizeException.class);
        assertThat(out.isReadable()).isFalse();
        strict.encodeHeaders(3, EncodedFields.trailers(fields("x-own", "v".repeat(63))), out);
        assertThat(decode(ByteBufUtil.getBytes(out))).hasSize(1);
    }

    @Test
    void whatIsNoLatin1CannotBecomeAnotherByte() throws Exception {
        RequestHead head = new RequestHead(HttpVersion.HTTP_2, "GET", "https", "a", "/\u010a\u010dx", fields());

        assertThat(decode(encode(EncodedFields.request(head, true)))).contains(":path: /??x");
    }

    /// Random messages whose fields come again, values of every length, and a table whose size changes: what the
    /// decoder reads is what was written, in its order.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theDecoderReadsWhatWasWritten(long seed) throws Exception {
        Random random = new Random(seed);
        String[] names = {
            "server",
            "date",
            "x-a",
            "x-b",
            "x-a-very-long-name-" + "n".repeat(120),
            "content-type",
            "vary",
            "cookie",
            "set-cookie",
            "authorization",
            "etag",
            "x-request-id",
            "accept-encoding",
            "x-empty"
        };
        for (int message = 0; message < 3_000; message++) {
            if (random.nextInt(50) == 0) {
                int size = random.nextInt(4) == 0 ? 4_096 : random.nextInt(4_097);
                decoder.maxHeaderTableSize(size);
                encoder.configuration().maxHeaderTableSize(size);
            }
            List<String> expected = new ArrayList<>();
            Headers fields = new Headers(2);
            for (int i = random.nextInt(9); i > 0; i--) {
                String name = names[random.nextInt(names.length)];
                String value = value(random, name);
                if (random.nextBoolean()) {
                    fields.add(HeaderNames.intern(new AsciiString(name)), value);
                } else {
                    // As a copy that is equal and no constant.
                    fields.add(new AsciiString(name.getBytes(StandardCharsets.US_ASCII)), value);
                }
                expected.add(name + ": " + value);
            }
            assertThat(decode(encode(EncodedFields.trailers(fields)))).isEqualTo(expected);
        }
    }

    private static String value(Random random, String name) {
        if (name.equals("x-empty")) {
            return "";
        }
        return switch (random.nextInt(6)) {
            case 0 -> "gzip, deflate";
            case 1 -> "v".repeat(random.nextInt(300));
            case 2 -> "w".repeat(random.nextInt(3) == 0 ? 5_000 : 126 + random.nextInt(5));
            case 3 -> Integer.toString(random.nextInt(1_000_000));
            default -> "value-" + random.nextInt(6);
        };
    }
}
