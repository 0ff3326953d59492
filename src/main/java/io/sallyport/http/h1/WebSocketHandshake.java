package io.sallyport.http.h1;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import org.jspecify.annotations.Nullable;

/// Checks a client's opening handshake (RFC 6455, 4.2.1) before anything is made of it.
public final class WebSocketHandshake {
    /// The name of the protocol in `Upgrade`, as [RequestHead#upgrade] has it.
    public static final String PROTOCOL = "websocket";

    private static final int KEY_LENGTH = 24;

    private WebSocketHandshake() {}

    /// True if the request asks for a WebSocket.
    public static boolean isRequested(RequestHead head) {
        return PROTOCOL.equals(head.upgrade);
    }

    /// What is wrong with a request that [asks for a WebSocket][#isRequested], in snake_case, or null: it must be
    /// GET, with version 13 and a key of 16 bytes in base64, once each. Answer 400.
    public static @Nullable String problem(RequestHead head) {
        if (!head.method.equals(Methods.GET)) {
            return "websocket.method";
        }
        AsciiString version = single(head.headers, HeaderNames.SEC_WEBSOCKET_VERSION);
        if (version == null || !version.contentEquals("13")) {
            return "websocket.version";
        }
        AsciiString key = single(head.headers, HeaderNames.SEC_WEBSOCKET_KEY);
        return key == null || !isKey(key) ? "websocket.key" : null;
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
