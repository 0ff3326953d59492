package io.sallyport.http;

import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Field names that messages often carry, each as one object, so that decoders hand over the constant and a look-up
/// by it ends at the first comparison of references.
public final class HeaderNames {
    /// A power of two, several times the number of names.
    private static final int SLOTS = 512;

    private static final @Nullable AsciiString[] TABLE = new AsciiString[SLOTS];

    public static final AsciiString ACCEPT = known("accept");
    public static final AsciiString ACCEPT_ENCODING = known("accept-encoding");
    public static final AsciiString ACCEPT_LANGUAGE = known("accept-language");
    public static final AsciiString ACCESS_CONTROL_ALLOW_CREDENTIALS = known("access-control-allow-credentials");
    public static final AsciiString ACCESS_CONTROL_ALLOW_HEADERS = known("access-control-allow-headers");
    public static final AsciiString ACCESS_CONTROL_ALLOW_METHODS = known("access-control-allow-methods");
    public static final AsciiString ACCESS_CONTROL_ALLOW_ORIGIN = known("access-control-allow-origin");
    public static final AsciiString ACCESS_CONTROL_EXPOSE_HEADERS = known("access-control-expose-headers");
    public static final AsciiString ACCESS_CONTROL_MAX_AGE = known("access-control-max-age");
    public static final AsciiString ACCESS_CONTROL_REQUEST_HEADERS = known("access-control-request-headers");
    public static final AsciiString ACCESS_CONTROL_REQUEST_METHOD = known("access-control-request-method");
    public static final AsciiString AUTHORIZATION = known("authorization");
    public static final AsciiString CACHE_CONTROL = known("cache-control");
    public static final AsciiString CONNECTION = known("connection");
    public static final AsciiString CONTENT_ENCODING = known("content-encoding");
    public static final AsciiString CONTENT_LENGTH = known("content-length");
    public static final AsciiString CONTENT_RANGE = known("content-range");
    public static final AsciiString CONTENT_TYPE = known("content-type");
    public static final AsciiString COOKIE = known("cookie");
    public static final AsciiString DATE = known("date");
    public static final AsciiString ETAG = known("etag");
    public static final AsciiString EXPECT = known("expect");
    public static final AsciiString FORWARDED = known("forwarded");
    public static final AsciiString GRPC_MESSAGE = known("grpc-message");
    public static final AsciiString GRPC_STATUS = known("grpc-status");
    public static final AsciiString GRPC_TIMEOUT = known("grpc-timeout");
    public static final AsciiString HOST = known("host");
    public static final AsciiString KEEP_ALIVE = known("keep-alive");
    public static final AsciiString LOCATION = known("location");
    public static final AsciiString MAX_FORWARDS = known("max-forwards");
    public static final AsciiString ORIGIN = known("origin");
    public static final AsciiString PROXY_AUTHENTICATE = known("proxy-authenticate");
    public static final AsciiString PROXY_AUTHENTICATION_INFO = known("proxy-authentication-info");
    public static final AsciiString PROXY_AUTHORIZATION = known("proxy-authorization");
    public static final AsciiString PROXY_CONNECTION = known("proxy-connection");
    public static final AsciiString RANGE = known("range");
    public static final AsciiString RETRY_AFTER = known("retry-after");
    public static final AsciiString SEC_WEBSOCKET_ACCEPT = known("sec-websocket-accept");
    public static final AsciiString SEC_WEBSOCKET_EXTENSIONS = known("sec-websocket-extensions");
    public static final AsciiString SEC_WEBSOCKET_KEY = known("sec-websocket-key");
    public static final AsciiString SEC_WEBSOCKET_PROTOCOL = known("sec-websocket-protocol");
    public static final AsciiString SEC_WEBSOCKET_VERSION = known("sec-websocket-version");
    public static final AsciiString SERVER = known("server");
    public static final AsciiString SET_COOKIE = known("set-cookie");
    public static final AsciiString TE = known("te");
    public static final AsciiString TRACEPARENT = known("traceparent");
    public static final AsciiString TRACESTATE = known("tracestate");
    public static final AsciiString TRAILER = known("trailer");
    public static final AsciiString TRANSFER_ENCODING = known("transfer-encoding");
    public static final AsciiString UPGRADE = known("upgrade");
    public static final AsciiString USER_AGENT = known("user-agent");
    public static final AsciiString VARY = known("vary");
    public static final AsciiString VIA = known("via");
    public static final AsciiString WWW_AUTHENTICATE = known("www-authenticate");
    public static final AsciiString X_ENVOY_ATTEMPT_COUNT = known("x-envoy-attempt-count");
    public static final AsciiString X_ENVOY_EXPECTED_RQ_TIMEOUT_MS = known("x-envoy-expected-rq-timeout-ms");
    public static final AsciiString X_ENVOY_EXTERNAL_ADDRESS = known("x-envoy-external-address");
    public static final AsciiString X_ENVOY_INTERNAL = known("x-envoy-internal");
    public static final AsciiString X_ENVOY_ORIGINAL_HOST = known("x-envoy-original-host");
    public static final AsciiString X_ENVOY_ORIGINAL_PATH = known("x-envoy-original-path");
    public static final AsciiString X_ENVOY_OVERLOADED = known("x-envoy-overloaded");
    public static final AsciiString X_ENVOY_RATELIMITED = known("x-envoy-ratelimited");
    public static final AsciiString X_ENVOY_UPSTREAM_SERVICE_TIME = known("x-envoy-upstream-service-time");
    public static final AsciiString X_FORWARDED_CLIENT_CERT = known("x-forwarded-client-cert");
    public static final AsciiString X_FORWARDED_FOR = known("x-forwarded-for");
    public static final AsciiString X_FORWARDED_HOST = known("x-forwarded-host");
    public static final AsciiString X_FORWARDED_PORT = known("x-forwarded-port");
    public static final AsciiString X_FORWARDED_PROTO = known("x-forwarded-proto");
    public static final AsciiString X_REAL_IP = known("x-real-ip");
    public static final AsciiString X_REQUEST_ID = known("x-request-id");

    static {
        for (String name : new String[] {
            "accept-charset",
            "accept-ranges",
            "age",
            "allow",
            "alt-svc",
            "b3",
            "cdn-cache-control",
            "content-disposition",
            "content-language",
            "content-location",
            "content-security-policy",
            "dnt",
            "expires",
            "from",
            "grpc-accept-encoding",
            "grpc-encoding",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "last-modified",
            "link",
            "pragma",
            "priority",
            "referer",
            "referrer-policy",
            "sec-ch-ua",
            "sec-ch-ua-mobile",
            "sec-ch-ua-platform",
            "sec-fetch-dest",
            "sec-fetch-mode",
            "sec-fetch-site",
            "sec-fetch-user",
            "strict-transport-security",
            "upgrade-insecure-requests",
            "x-amzn-trace-id",
            "x-b3-parentspanid",
            "x-b3-sampled",
            "x-b3-spanid",
            "x-b3-traceid",
            "x-cloud-trace-context",
            "x-content-type-options",
            "x-envoy-attempt-count",
            "x-envoy-decorator-operation",
            "x-envoy-peer-metadata",
            "x-envoy-peer-metadata-id",
            "x-frame-options",
            "x-powered-by",
            "x-requested-with",
            "x-xss-protection",
        }) {
            known(name);
        }
    }

    private HeaderNames() {}

    /// The constant for the name in these bytes, which are in lower case, or null if it is not a common one.
    public static @Nullable AsciiString lookup(byte[] bytes, int offset, int length) {
        int end = offset + length;
        for (int slot = slot(bytes, offset, length); ; slot = (slot + 1) & (SLOTS - 1)) {
            AsciiString candidate = TABLE[slot];
            if (candidate == null) {
                return null;
            }
            if (candidate.length() == length && Arrays.equals(candidate.array(), 0, length, bytes, offset, end)) {
                return candidate;
            }
        }
    }

    /// The constant for this lower-case name, or the name itself.
    public static AsciiString intern(AsciiString name) {
        AsciiString known = name.isEmpty() ? null : lookup(name.array(), name.arrayOffset(), name.length());
        return known == null ? name : known;
    }

    private static AsciiString known(String text) {
        AsciiString name = AsciiString.cached(text);
        int slot = slot(name.array(), 0, name.length());
        while (TABLE[slot] != null) {
            slot = (slot + 1) & (SLOTS - 1);
        }
        TABLE[slot] = name;
        return name;
    }

    /// Length and four of the bytes distinguish nearly all names; reading more would cost more than a probe.
    private static int slot(byte[] bytes, int offset, int length) {
        int last = offset + length - 1;
        int hash = length * 31 + bytes[offset];
        hash = hash * 31 + bytes[offset + (length >> 1)];
        hash = hash * 31 + bytes[last];
        hash = hash * 31 + bytes[last - (length >> 2)];
        return (hash ^ (hash >>> 9)) & (SLOTS - 1);
    }
}
