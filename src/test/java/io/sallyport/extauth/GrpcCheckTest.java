package io.sallyport.extauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.policy.Authorizer;
import io.sallyport.policy.Caller;
import io.sallyport.route.HeaderOps;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The two messages of `Authorization/Check` as bytes, beside Envoy's own classes for them.
class GrpcCheckTest {
    private static final byte[] ALLOWED = CheckResponse.newBuilder()
            .setOkResponse(OkHttpResponse.newBuilder()
                    .addHeaders(HeaderValueOption.newBuilder()
                            .setHeader(HeaderValue.newBuilder().setKey("x-user").setValue("ann")))
                    .addHeadersToRemove("x-secret"))
            .build()
            .toByteArray();

    @Test
    void anAnswerThatIsCutAnywhereAllowsNothingThatTheWholeOneDoesNot() {
        for (int length = 0; length < ALLOWED.length; length++) {
            Verdict verdict = GrpcCheck.verdict(Arrays.copyOf(ALLOWED, length));
            // Nothing at all is an answer: status 0, and no edits.
            boolean empty = length == 0;
            assertThat(verdict instanceof Verdict.Allowed)
                    .as("%d bytes", length)
                    .isEqualTo(empty);
        }
        assertThat(GrpcCheck.verdict(ALLOWED)).isInstanceOf(Verdict.Allowed.class);
    }

    private static Headers afterAnswer(HeaderValueOption option) {
        byte[] answer = CheckResponse.newBuilder()
                .setOkResponse(OkHttpResponse.newBuilder().addHeaders(option))
                .build()
                .toByteArray();
        Headers headers = new Headers(4);
        headers.add(AsciiString.of("x-user"), AsciiString.of("forged"));
        HeaderEdit.apply(((Verdict.Allowed) GrpcCheck.verdict(answer)).toUpstream(), headers);
        return headers;
    }

    /// A client that names the field gets no further with it, whatever the authorizer has to say there.
    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "bob,                  bob",
                "'',                   ''",
                "' bob ',              bob",
                "'\tbob',              bob",
                "' ',                  ''",
                "josé,                 josé",
                "李,                   李",
                "' é-bob',             é-bob",
                "'bob\n',              none",
                "'a\r\nx-admin: yes',  none",
                "'a\u0000b',           none",
                "'a\u007fb',           none"
            })
    void whatAnAuthorizerSetsTakesThePlaceOfWhatTheClientSent(String value, String sent) {
        HeaderValue.Builder header = HeaderValue.newBuilder().setKey("X-User").setValue(value);
        HeaderValue.Builder raw = HeaderValue.newBuilder()
                .setKey("x-user")
                .setRawValue(ByteString.copyFrom(value, StandardCharsets.UTF_8));
        for (HeaderValue.Builder form : List.of(header, raw)) {
            for (boolean keepEmpty : new boolean[] {false, true}) {
                Headers headers = afterAnswer(HeaderValueOption.newBuilder()
                        .setHeader(form)
                        .setKeepEmptyValue(keepEmpty)
                        .build());
                AsciiString found = headers.get(AsciiString.of("x-user"));
                assertThat(found == null ? null : new String(found.toByteArray(), StandardCharsets.UTF_8))
                        .isEqualTo(sent);
            }
        }
    }

    /// The endpoint's own fields stay where the authorizer has nothing for the client that could be sent.
    @Test
    void whatCannotBeSentToAClientChangesNothing() {
        HeaderValueOption option = HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey("set-cookie").setValue("a=\u0000"))
                .setAppend(BoolValue.of(true))
                .build();
        byte[] answer = CheckResponse.newBuilder()
                .setOkResponse(OkHttpResponse.newBuilder().addResponseHeadersToAdd(option))
                .build()
                .toByteArray();

        assertThat(((Verdict.Allowed) GrpcCheck.verdict(answer)).toClient()).isEmpty();
    }

    @Test
    void noBytesMakeTheReaderFail() {
        Random random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            byte[] answer = i % 2 == 0 ? new byte[random.nextInt(64)] : ALLOWED.clone();
            if (i % 2 == 0) {
                random.nextBytes(answer);
            } else {
                answer[random.nextInt(answer.length)] = (byte) random.nextInt();
            }
            Verdict verdict = GrpcCheck.verdict(answer);
            if (verdict instanceof Verdict.Allowed allowed) {
                assertThat(allowed.toUpstream())
                        .allSatisfy(edit -> assertThat(edit.name().toString()).matches("[!#$%&'*+.^_`|~0-9a-z-]+"));
            }
        }
    }

    private static CheckRequest parsed(ByteBuf question) throws InvalidProtocolBufferException {
        return CheckRequest.parseFrom(ByteBufUtil.getBytes(question));
    }

    /// What is held of a body is in the question as it is held, not as a copy.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBodyIsNotCopied(boolean asBytes) throws Exception {
        ByteBuf body = Unpooled.copiedBuffer("x".repeat(1 << 20), StandardCharsets.UTF_8);
        RequestHead head = new RequestHead(HttpVersion.HTTP_2, "POST", "https", "a.test", "/", new Headers(4));
        Caller caller = new Caller(List.of(), null, null, null, "a.test");
        CheckedRequest asked = new CheckedRequest(head, "/", caller, 1_500, body, false);

        ByteBuf question = GrpcCheck.question(asked, new Authorizer.Body(1 << 20, false, asBytes));
        body.setByte(body.readerIndex(), 'y');
        var http = parsed(question).getAttributes().getRequest().getHttp();
        assertThat(asBytes ? http.getRawBody().toStringUtf8() : http.getBody())
                .hasSize(1 << 20)
                .startsWith("yx");
        assertThat(parsed(question).getAttributes().getTlsSession().getSni()).isEqualTo("a.test");
        question.release();
        assertThat(body.refCnt()).isZero();
        ByteBuf other = Unpooled.copiedBuffer("body", StandardCharsets.UTF_8);
        assertThat(HttpCheck.question(
                                new CheckedRequest(head, "/", caller, 1_500, other, false),
                                new Authorizer.Http(
                                        "",
                                        Authorizer.Names.NONE,
                                        HeaderOps.NONE,
                                        Authorizer.Names.NONE,
                                        null,
                                        Authorizer.Names.NONE))
                        .body())
                .isSameAs(other);
    }

    @Test
    void aConnectionHasNeitherRequestNorTime() throws Exception {
        Caller caller = new Caller(
                List.of("spiffe://td/ns/a/sa/b", "b.test"),
                null,
                InetSocketAddress.createUnresolved("10.0.0.1", 4711),
                InetSocketAddress.createUnresolved("10.0.0.2", 5432),
                "db.test");

        var attributes = parsed(GrpcCheck.question(caller)).getAttributes();
        assertThat(attributes.hasRequest()).isFalse();
        assertThat(attributes.getSource().getPrincipal()).isEqualTo("spiffe://td/ns/a/sa/b");
        assertThat(attributes.getSource().getAddress().getSocketAddress().getAddress())
                .isEqualTo("10.0.0.1");
        assertThat(attributes.getDestination().getAddress().getSocketAddress().getPortValue())
                .isEqualTo(5432);
        assertThat(attributes.getTlsSession().getSni()).isEqualTo("db.test");
    }

    @Test
    void headersThatAreNoTextAreSentAsTextAllTheSame() throws Exception {
        Headers headers = new Headers(4);
        headers.add(AsciiString.of("x-odd"), new AsciiString(new byte[] {'a', (byte) 0xff, 'b'}, false));
        RequestHead head = new RequestHead(HttpVersion.HTTP_2, "POST", "https", "a.test", "/x?y", headers);
        head.contentLength = RequestHead.UNKNOWN_LENGTH;
        Caller caller = new Caller(
                List.of("spiffe://td/ns/a/sa/b"),
                null,
                InetSocketAddress.createUnresolved("10.0.0.1", 4711),
                null,
                "a.test");

        CheckRequest request = parsed(GrpcCheck.question(
                new CheckedRequest(
                        head, "/x?y", caller, 1_500, Unpooled.wrappedBuffer(new byte[] {(byte) 0xff}), false),
                new Authorizer.Body(8, false, false)));

        var attributes = request.getAttributes();
        assertThat(attributes.getSource().getPrincipal()).isEqualTo("spiffe://td/ns/a/sa/b");
        assertThat(attributes.getSource().getAddress().getSocketAddress().getPortValue())
                .isEqualTo(4711);
        assertThat(attributes.getTlsSession().getSni()).isEqualTo("a.test");
        assertThat(attributes.getRequest().getTime().getSeconds()).isEqualTo(1);
        assertThat(attributes.getRequest().getTime().getNanos()).isEqualTo(500_000_000);
        var http = attributes.getRequest().getHttp();
        assertThat(http.getHeadersOrThrow("x-odd")).isEqualTo("a\ufffdb");
        assertThat(http.getBody()).isEqualTo("\ufffd");
        assertThat(http.getSize()).isEqualTo(-1);
        assertThat(http.getProtocol()).isEqualTo("HTTP/2");
    }
}
