package io.sallyport.http;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The opening handshake of a WebSocket (RFC 6455, 4; over HTTP/2 RFC 8441, 5): what is checked before anything is made
/// of a client's, and the key of HTTP/1.1, by which client and server show each other that they mean WebSocket.
public final class WebSocketHandshake {
    /// The name of the protocol in `Upgrade` and `:protocol`, as [RequestHead#upgrade] has it.
    public static final String PROTOCOL = "websocket";

    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;
    private static final int KEY_LENGTH = 24;

    private WebSocketHandshake() {}

    /// True if the request asks for a WebSocket.
    public static boolean isRequested(RequestHead head) {
        return PROTOCOL.equals(head.upgrade);
    }

    /// What is wrong with a request that [asks for a WebSocket][#isRequested], in snake_case, or null: it must be
    /// GET, with version 13 and, but for HTTP/2, a key of 16 bytes in base64, once each. Answer 400.
    public static @Nullable String problem(RequestHead head) {
        if (!head.method.equals(Methods.GET)) {
            return "websocket.method";
        }
        AsciiString version = single(head.headers, HeaderNames.SEC_WEBSOCKET_VERSION);
        if (version == null || !version.contentEquals("13")) {
            return "websocket.version";
        }
        if (head.version == HttpVersion.HTTP_2) {
            return null;
        }
        AsciiString key = single(head.headers, HeaderNames.SEC_WEBSOCKET_KEY);
        return key == null || !isKey(key) ? "websocket.key" : null;
    }

    /// A key for a handshake of the gateway's own. It is a nonce that is sent in the clear, and no secret.
    public static AsciiString newKey() {
        byte[] nonce = new byte[KEY_BYTES];
        ThreadLocalRandom.current().nextBytes(nonce);
        return new AsciiString(Base64.getEncoder().encode(nonce), false);
    }

    /// The value of `sec-websocket-accept` that answers this key (RFC 6455, 4.2.2).
    public static AsciiString accept(AsciiString key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.ISO_8859_1));
            return new AsciiString(Base64.getEncoder().encode(digest), false);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-1", e);
        }
    }

    /// Whether the fields of a response answer this key, once.
    public static boolean isAccepted(Headers response, AsciiString key) {
        AsciiString answer = single(response, HeaderNames.SEC_WEBSOCKET_ACCEPT);
        return answer != null && answer.equals(accept(key));
    }

    private static @Nullable AsciiString single(Headers headers, AsciiString name) {
        int first = headers.indexOf(name, 0);
        return first < 0 || headers.indexOf(name, first + 1) >= 0 ? null : headers.value(first);
    }

    /// 16 bytes are 22 characters, of which the last one carries only two bits, and two of padding.
    private static boolean isKey(AsciiString text) {
        if (text.length() != KEY_LENGTH || text.byteAt(22) != '=' || text.byteAt(23) != '=') {
            return false;
        }
        for (int i = 0; i < 22; i++) {
            if (!isBase64(text.byteAt(i))) {
                return false;
            }
        }
        return "AQgw".indexOf(text.byteAt(21)) >= 0;
    }

    private static boolean isBase64(byte b) {
        return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '+' || b == '/';
    }
}
