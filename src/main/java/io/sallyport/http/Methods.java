package io.sallyport.http;

import java.nio.charset.StandardCharsets;

/// Request methods (RFC 9110, 9; RFC 5789) as constants: the usual ones are never allocated.
public final class Methods {
    public static final String GET = "GET";
    public static final String HEAD = "HEAD";
    public static final String POST = "POST";
    public static final String PUT = "PUT";
    public static final String DELETE = "DELETE";
    public static final String CONNECT = "CONNECT";
    public static final String OPTIONS = "OPTIONS";
    public static final String TRACE = "TRACE";
    public static final String PATCH = "PATCH";

    private static final String[] KNOWN = {GET, POST, PUT, HEAD, DELETE, OPTIONS, PATCH, CONNECT, TRACE};

    private Methods() {}

    /// The method in these bytes, which is case-sensitive (RFC 9110, 9.1).
    public static String of(byte[] bytes, int offset, int length) {
        for (String method : KNOWN) {
            if (method.length() == length && matches(method, bytes, offset)) {
                return method;
            }
        }
        return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
    }

    /// True if a request without content declares that by `content-length: 0`, because its method expects content
    /// (RFC 9110, 8.6).
    public static boolean expectsContent(String method) {
        return method.equals(POST) || method.equals(PUT) || method.equals(PATCH);
    }

    private static boolean matches(String method, byte[] bytes, int offset) {
        for (int i = 0; i < method.length(); i++) {
            if (method.charAt(i) != bytes[offset + i]) {
                return false;
            }
        }
        return true;
    }
}
