package io.sallyport.extauth;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.policy.Authorizer;
import io.sallyport.policy.Caller;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

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

        CheckRequest request = CheckRequest.parseFrom(GrpcCheck.question(
                new CheckedRequest(head, "/x?y", caller, 1_500, new byte[] {(byte) 0xff}, false),
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
