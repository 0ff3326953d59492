package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.get;
import static io.sallyport.e2e.policy.AuthorizationFixture.http1;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static io.sallyport.e2e.policy.CheckServer.ALLOWED;
import static io.sallyport.e2e.policy.CheckServer.denied;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.core.v3.QueryParameter;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;
import io.netty.handler.codec.http2.Http2Headers;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// External authorization over gRPC (`envoyExtAuthzGrpc`), with grpc-java and Envoy's own messages at the other end.
class GrpcAuthorizerTest {
    private static final String GUARDED = "action: CUSTOM\nprovider: {name: gate}\n"
            + "rules: [{to: [{operation: {paths: [/guarded, \"/guarded/*\"]}}]}]";

    private final RawUpstream upstream = RawUpstream.ok("served");
    private CheckServer authorizer;
    private TestGateway gateway;

    private void serve(Function<CheckRequest, CheckResponse> answers, String... settings) throws IOException {
        authorizer = CheckServer.answering(answers);
        gateway = TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.forwardAll("a.test", "up.internal")
                + Yaml.service("up.internal", upstream.port())
                + Yaml.service("authz.internal", "GRPC", authorizer.port())
                + policy("guard", GUARDED)
                + AuthorizationFixture.provider("envoyExtAuthzGrpc", settings));
    }

    @AfterEach
    void close() {
        gateway.close();
        authorizer.close();
        upstream.close();
    }

    private AttributeContext attributes() {
        return authorizer.asked.getFirst().getAttributes();
    }

    private static CheckResponse allowed(OkHttpResponse.Builder allowance) {
        return CheckResponse.newBuilder().setOkResponse(allowance).build();
    }

    private static HeaderValueOption.Builder header(String name, String value) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value));
    }

    @Test
    void theAuthorizerSeesTheRequestAsEnvoyDescribesIt() throws Exception {
        serve(_ -> ALLOWED);
        assertThat(http1(
                        gateway,
                        "DELETE",
                        "a.test:8080",
                        "/guarded/./x?q=%20",
                        "x-user",
                        "ann",
                        "x-list",
                        "1",
                        "x-list",
                        "2",
                        "x-request-id",
                        "7a"))
                .startsWith("HTTP/1.1 200 ");

        AttributeContext.HttpRequest http = attributes().getRequest().getHttp();
        assertThat(http.getMethod()).isEqualTo("DELETE");
        assertThat(http.getPath()).isEqualTo("/guarded/x?q=%20");
        assertThat(http.getHost()).isEqualTo("a.test:8080");
        assertThat(http.getScheme()).isEqualTo("http");
        assertThat(http.getQuery()).isEqualTo("q=%20");
        assertThat(http.getProtocol()).isEqualTo("HTTP/1.1");
        assertThat(http.getSize()).isZero();
        assertThat(http.getId()).isNotEmpty().isEqualTo(http.getHeadersOrThrow("x-request-id"));
        assertThat(http.getHeadersMap())
                .containsEntry(":method", "DELETE")
                .containsEntry(":path", "/guarded/x?q=%20")
                .containsEntry(":authority", "a.test:8080")
                .containsEntry("x-user", "ann")
                .containsEntry("x-list", "1,2")
                .doesNotContainKey("x-envoy-auth-partial-body");
        assertThat(attributes().getSource().getAddress().getSocketAddress().getAddress())
                .isEqualTo("127.0.0.1");
        assertThat(attributes().getSource().getAddress().getSocketAddress().getPortValue())
                .isPositive();
        assertThat(attributes().getDestination().getAddress().getSocketAddress().getPortValue())
                .isEqualTo(gateway.port(80));
        assertThat(attributes().getRequest().getTime().getSeconds()).isPositive();
    }

    @Test
    void overHttp2TheRequestIsDescribedInTheSameWay() throws Exception {
        serve(_ -> ALLOWED);

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(200);
        assertThat(authorizer.asked)
                .extracting(each -> each.getAttributes().getRequest().getHttp().getProtocol())
                .containsExactly("HTTP/1.1", "HTTP/2");
    }

    @Test
    void aDenialIsTheAuthorizersAnswer() throws Exception {
        serve(_ -> denied(DeniedHttpResponse.newBuilder()
                .setStatus(HttpStatus.newBuilder().setCode(StatusCode.Unauthorized))
                .addHeaders(header("X-Why", "token"))
                .addHeaders(header("set-cookie", "a=1"))
                .addHeaders(header("set-cookie", "b=2").setAppend(BoolValue.of(true)))
                .addHeaders(header("set-cookie", "c=3").setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS))
                .addHeaders(header("connection", "x-why"))
                .addHeaders(header("x-split", "a\r\nx-smuggled: 1"))
                .addHeaders(header("bad name", "a"))
                .setBody("who are you?")));

        assertThat(http1(gateway, "GET", "a.test", "/guarded"))
                .startsWith("HTTP/1.1 401 ")
                .contains("x-why: token\r\n", "set-cookie: a=1\r\nset-cookie: b=2\r\nset-cookie: c=3\r\n")
                .doesNotContain("smuggled", "bad name")
                .endsWith("\r\n\r\nwho are you?");
        assertThat(gateway.firstFacts().details).isEqualTo("ext_authz_denied");
        assertThat(gateway.firstFacts().flags()).isEqualTo("UAEX");
        assertThat(upstream.connectionCount()).isZero();
    }

    /// A page goes to clients of gRPC as a message, as much of it as a field may hold.
    @Test
    void aPageIsAMessageForClientsOfGrpc() throws Exception {
        serve(_ -> denied(DeniedHttpResponse.newBuilder().setBody("é".repeat(3000))));

        assertThat(http1(gateway, "GET", "a.test", "/guarded").split("\r\n\r\n")[1])
                .hasSize(6000);
        try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
            Http2Headers head = client.request(
                    ":method",
                    "POST",
                    ":scheme",
                    "http",
                    ":authority",
                    "a.test",
                    ":path",
                    "/guarded",
                    "content-type",
                    "application/grpc");
            assertThat(head.status()).hasToString("200");
            assertThat(head.get("grpc-status")).hasToString("7");
            assertThat(head.get("grpc-message")).hasToString("%C3%A9".repeat(512));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 403", "200, 200", "302, 302", "503, 503", "100, 403", "700, 403", "-1, 403"})
    void theStatusOfADenialIsOneThatCanBeSent(int status, int seen) throws Exception {
        serve(_ -> denied(DeniedHttpResponse.newBuilder()
                .setStatus(HttpStatus.newBuilder().setCodeValue(status))));

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(seen);
        assertThat(upstream.connectionCount()).isZero();
    }

    @Test
    void aDenialNeedsNoWords() throws Exception {
        serve(_ -> CheckResponse.newBuilder()
                .setStatus(Status.newBuilder().setCode(16))
                .build());

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(403);
    }

    @Test
    void anAllowanceEditsTheRequest() throws Exception {
        serve(_ -> allowed(OkHttpResponse.newBuilder()
                .addHeaders(header("X-User", "ann"))
                .addHeaders(header("x-role", "writer").setAppend(BoolValue.of(true)))
                .addHeaders(header("x-absent", "1").setAppendAction(HeaderAppendAction.ADD_IF_ABSENT))
                .addHeaders(header("x-kept", "2").setAppendAction(HeaderAppendAction.ADD_IF_ABSENT))
                .addHeaders(header("x-there", "3").setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS))
                .addHeaders(header("x-not-there", "4").setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS))
                .addHeaders(header(":path", "/elsewhere"))
                .addHeaders(header("host", "evil.test"))
                .addHeaders(header("content-length", "9"))
                .addHeaders(HeaderValueOption.newBuilder()
                        .setHeader(
                                HeaderValue.newBuilder().setKey("x-raw").setRawValue(ByteString.copyFromUtf8("bytes"))))
                .addHeadersToRemove("X-Secret")
                .addHeadersToRemove("host")));

        assertThat(http1(
                        gateway,
                        "GET",
                        "a.test",
                        "/guarded",
                        "x-user",
                        "root",
                        "x-role",
                        "reader",
                        "x-kept",
                        "mine",
                        "x-there",
                        "mine",
                        "x-secret",
                        "s"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(upstream.received())
                .startsWith("GET /guarded HTTP/1.1\r\n")
                .contains(
                        "x-user: ann\r\n",
                        "x-role: reader\r\n",
                        "x-role: writer\r\n",
                        "x-absent: 1\r\n",
                        "x-kept: mine\r\n",
                        "x-there: 3\r\n",
                        "x-raw: bytes\r\n")
                .containsIgnoringCase("host: a.test\r\n")
                .doesNotContain("root", "x-not-there", "x-secret", "evil", "elsewhere", "content-length");
    }

    @Test
    void anAllowanceEditsTheResponse() throws Exception {
        serve(_ -> allowed(OkHttpResponse.newBuilder()
                .addResponseHeadersToAdd(header("x-seen-by", "gate"))
                .addResponseHeadersToAdd(header("content-length", "900"))));

        assertThat(http1(gateway, "GET", "a.test", "/guarded"))
                .startsWith("HTTP/1.1 200 ")
                .contains("x-seen-by: gate\r\n", "content-length: 6\r\n")
                .endsWith("served");
    }

    /// The gateway does not edit queries, and without the edit the request is not the one that was allowed.
    @Test
    void anAllowanceThatEditsTheQueryIsNone() throws Exception {
        serve(_ -> allowed(OkHttpResponse.newBuilder()
                .addQueryParametersToSet(QueryParameter.newBuilder().setKey("a").setValue("b"))));

        assertThat(get(gateway, "a.test", "/guarded?a=c")).isEqualTo(403);
        assertThat(gateway.firstFacts().details).isEqualTo("ext_authz_error");
    }

    @ParameterizedTest
    @CsvSource({"false, 403", "true, 200"})
    void aCallThatFailsIsNoAnswer(boolean failOpen, int seen) throws Exception {
        serve(
                _ -> {
                    throw io.grpc.Status.PERMISSION_DENIED.asRuntimeException();
                },
                "failOpen: " + failOpen);

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(seen);
    }

    @Test
    void anAuthorizerThatDoesNotAnswerIsGivenUp() throws Exception {
        serve(_ -> null, "timeout: 200ms", "statusOnError: \"504\"");

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(504);
        assertThat(gateway.firstFacts().details).isEqualTo("ext_authz_error");
    }

    @Test
    void anAnswerThatIsTooLargeIsNone() throws Exception {
        serve(_ -> denied(DeniedHttpResponse.newBuilder().setBody("x".repeat(2 << 20))));

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(403);
        assertThat(gateway.firstFacts().details).isEqualTo("ext_authz_error");
    }

    @ParameterizedTest
    @CsvSource({"false, 12345678, false", "true, 12345678, false", "false, 123456789, true"})
    void theBodyIsSentAlong(boolean asBytes, String body, boolean partial) throws Exception {
        serve(
                _ -> ALLOWED,
                "includeRequestBodyInCheck: {maxRequestBytes: 8, allowPartialMessage: true, packAsBytes: " + asBytes
                        + "}");
        String response = RawClient.exchange(
                gateway.port(80),
                "POST /guarded HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body);

        assertThat(response).startsWith("HTTP/1.1 200 ");
        AttributeContext.HttpRequest http = attributes().getRequest().getHttp();
        assertThat(asBytes ? http.getRawBody().toStringUtf8() : http.getBody()).isEqualTo("12345678");
        assertThat(asBytes ? http.getBody() : http.getRawBody().toStringUtf8()).isEmpty();
        assertThat(http.getHeadersOrThrow("x-envoy-auth-partial-body")).isEqualTo(Boolean.toString(partial));
        assertThat(http.getSize()).isEqualTo(body.length());
        assertThat(upstream.received()).endsWith(body);
    }
}
