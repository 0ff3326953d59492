package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What clients send to a forward proxy over HTTP/2, and what is only between them and it.
class ForwardProxyTest {
    private final RecordingReceiver receiver = new RecordingReceiver();

    private static String[] get(String scheme, String authority, String... more) {
        String[] fields = Frames.request("GET", "/", more);
        fields[3] = scheme;
        fields[7] = authority;
        return fields;
    }

    @ParameterizedTest
    @CsvSource({"http, false", "http, true", "https, false", "https, true"})
    void theSchemeIsTheRequests(String scheme, boolean tls) {
        try (TestPeer peer = TestPeer.proxyClient(receiver, tls, HttpLimits.DEFAULT)) {
            peer.send(Frames.headers(1, true, get(scheme, "a.example")));
            assertThat(receiver.only().head.scheme).isEqualTo(scheme);
        }
    }

    @Test
    void theDefaultPortIsThatOfTheScheme() {
        try (TestPeer peer = TestPeer.proxyClient(receiver, false, HttpLimits.DEFAULT)) {
            peer.send(Frames.headers(1, true, get("https", "a.example", "host", "a.example:443")));
            peer.send(Frames.headers(3, true, get("https", "a.example", "host", "a.example:80")));

            assertThat(receiver.exchanges).hasSize(1);
            assertThat(receiver.rejections).containsExactly("400 http2.authority_differs_from_host");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp", "wss", "", "httpss", "http://"})
    void anotherSchemeIsRefused(String scheme) {
        try (TestPeer peer = TestPeer.proxyClient(receiver, true, HttpLimits.DEFAULT)) {
            peer.send(Frames.headers(1, true, get(scheme, "a.example")));
            assertThat(receiver.rejections).containsExactly("400 http2.bad_scheme");
        }
    }

    @ParameterizedTest
    @CsvSource({"a.example, true", "A.example:443, true", "a.example:80, false", "b.example, false"})
    void aHostWithoutPortAgreesWithTheTargetOfConnect(String host, boolean taken) {
        try (TestPeer peer = TestPeer.proxyClient(receiver, false, HttpLimits.DEFAULT)) {
            peer.send(Frames.headers(1, false, ":method", "CONNECT", ":authority", "a.example:443", "host", host));
            assertThat(receiver.exchanges).hasSize(taken ? 1 : 0);
        }
    }

    @Test
    void connectHasNoPathAndTheSchemeOfTheConnection() {
        try (TestPeer peer = TestPeer.proxyClient(receiver, true, HttpLimits.DEFAULT)) {
            peer.send(Frames.headers(1, false, ":method", "CONNECT", ":authority", "a.example:443"));

            RequestHead head = receiver.only().head;
            assertThat(head.toString()).startsWith("CONNECT https://a.example:443 HTTP/2");
            assertThat(head.path).isEmpty();
            assertThat(head.contentLength).isZero();
            assertThat(receiver.only().end).isFalse();
        }
    }

    @Test
    void credentialsForTheProxyStayHere() {
        try (TestPeer peer = TestPeer.proxyClient(receiver, true, HttpLimits.DEFAULT)) {
            peer.send(Frames.headers(
                    1,
                    false,
                    Frames.request("POST", "/", "proxy-authorization", "Basic eA==", "authorization", "Bearer y")));
            peer.send(Frames.headers(1, true, "proxy-authorization", "z", "proxy-authentication-info", "z", "a", "1"));

            assertThat(receiver.only().head.headers).hasToString("authorization: Bearer y\n");
            assertThat(receiver.only().events).contains("trailers a: 1;");
        }
    }

    @Test
    void whatAnEndpointSaysOfItsProxyIsNotPassedOn() {
        RecordingResponse response = new RecordingResponse();
        try (TestPeer peer = TestPeer.server(new RecordingOwner(), HttpLimits.DEFAULT)) {
            peer.send(Frames.settings(), Frames.settingsAck());
            RequestHead head = new RequestHead(HttpVersion.HTTP_2, "GET", "https", "a.example", "/", new Headers());
            peer.clientConnection().open(head, true, response).flush();
            peer.send(Frames.headers(
                    3,
                    true,
                    ":status",
                    "407",
                    "proxy-authenticate",
                    "Basic",
                    "proxy-authentication-info",
                    "x",
                    "www-authenticate",
                    "Basic"));

            assertThat(response.head.headers).hasToString("www-authenticate: Basic\n");
        }
    }

    @Test
    void theGatewayItselfMayAskForThem() {
        try (TestPeer peer = TestPeer.proxyClient(receiver, true, HttpLimits.DEFAULT)) {
            peer.send(Frames.get(1, "/"));
            Headers fields = new Headers().add(HeaderNames.PROXY_AUTHENTICATE, "Basic");
            receiver.only().stream.writeHead(new ResponseHead(407, fields), true);
            receiver.only().stream.flush();

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=407,proxy-authenticate=Basic END");
        }
    }
}
