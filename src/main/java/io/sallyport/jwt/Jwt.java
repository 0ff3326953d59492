package io.sallyport.jwt;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A token taken apart, not verified: a JWS in its compact form (RFC 7515, 7.1) whose payload are claims (RFC 7519).
///
/// Its texts are read strictly: base64url without padding and without bits that mean nothing, UTF-8, JSON objects that
/// name no member twice, and times that are whole seconds.
///
/// @param algorithm one of those that are verified
/// @param kid of the key that it is signed with, or null
/// @param svidType whether its `typ` is one that a JWT-SVID may have: `JWT`, `JOSE`, or none (JWT-SVID 2.3)
/// @param payload as it was sent, in base64url
/// @param expires seconds since 1970; [Long#MAX_VALUE] for never
/// @param notBefore seconds since 1970
record Jwt(
        SignatureAlgorithm algorithm,
        @Nullable String kid,
        boolean svidType,
        Claims claims,
        String payload,
        List<String> audiences,
        long expires,
        long notBefore) {
    /// Bytes of a whole token.
    static final int LONGEST = 32 * 1024;

    private static final Base64.Decoder BASE64 = Base64.getUrlDecoder();

    /// @throws TokenException where it is none
    static Jwt parse(String compact) throws TokenException {
        int first = compact.indexOf('.');
        int second = compact.indexOf('.', first + 1);
        if (compact.length() > LONGEST || first < 0 || second < 0 || compact.indexOf('.', second + 1) >= 0) {
            throw TokenFault.BAD_FORMAT.exception();
        }
        Map<String, Object> header =
                object(compact.substring(0, first), TokenFault.HEADER_BASE64, TokenFault.HEADER_JSON);
        SignatureAlgorithm algorithm = algorithm(header);
        String kid = kid(header);
        if (header.containsKey("crit")) {
            // No extension is understood, so none that must be can be there (RFC 7515, 4.1.11).
            throw TokenFault.VERIFICATION.exception();
        }
        Map<String, Object> payload =
                object(compact.substring(first + 1, second), TokenFault.PAYLOAD_BASE64, TokenFault.PAYLOAD_JSON);
        bytes(compact.substring(second + 1), TokenFault.SIGNATURE_BASE64);
        text(payload, "iss", TokenFault.ISS);
        text(payload, "sub", TokenFault.SUB);
        text(payload, "jti", TokenFault.JTI);
        seconds(payload, "iat", 0, TokenFault.IAT, TokenFault.IAT_RANGE);
        return new Jwt(
                algorithm,
                kid,
                svidType(header),
                new Claims(payload, Set.of()),
                compact.substring(first + 1, second),
                audiences(payload.get("aud")),
                seconds(payload, "exp", Long.MAX_VALUE, TokenFault.EXP, TokenFault.EXP_RANGE),
                seconds(payload, "nbf", 0, TokenFault.NBF, TokenFault.NBF_RANGE));
    }

    String issuer() {
        String issuer = claims.text("iss");
        return issuer == null ? "" : issuer;
    }

    private static SignatureAlgorithm algorithm(Map<String, Object> header) throws TokenException {
        if (!(header.get("alg") instanceof String name)) {
            throw TokenFault.HEADER_ALG.exception();
        }
        SignatureAlgorithm algorithm = SignatureAlgorithm.of(name);
        if (algorithm == null) {
            throw TokenFault.ALGORITHM.exception();
        }
        return algorithm;
    }

    private static @Nullable String kid(Map<String, Object> header) throws TokenException {
        Object kid = header.get("kid");
        if (kid != null && !(kid instanceof String)) {
            throw TokenFault.HEADER_KID.exception();
        }
        return (String) kid;
    }

    private static boolean svidType(Map<String, Object> header) {
        Object type = header.get("typ");
        return "JWT".equals(type) || "JOSE".equals(type) || !header.containsKey("typ");
    }

    private static Map<String, Object> object(String part, TokenFault badBytes, TokenFault badText)
            throws TokenException {
        byte[] bytes = bytes(part, badBytes);
        try {
            return StrictJson.object(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (IOException malformed) {
            throw badText.exception();
        }
    }

    private static byte[] bytes(String part, TokenFault fault) throws TokenException {
        try {
            byte[] bytes = BASE64.decode(part);
            if (part.indexOf('=') >= 0 || hasSurplusBits(part)) {
                throw fault.exception();
            }
            return bytes;
        } catch (IllegalArgumentException malformed) {
            throw fault.exception();
        }
    }

    /// Whether the last character has bits beyond the last byte that are set: another text for the same bytes.
    private static boolean hasSurplusBits(String part) {
        int unused = part.length() % 4 == 2 ? 0b1111 : part.length() % 4 == 3 ? 0b11 : 0;
        return unused != 0 && (value(part.charAt(part.length() - 1)) & unused) != 0;
    }

    private static int value(char c) {
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".indexOf(c);
    }

    private static void text(Map<String, Object> payload, String name, TokenFault fault) throws TokenException {
        if (payload.containsKey(name) && !(payload.get(name) instanceof String)) {
            throw fault.exception();
        }
    }

    /// Whole seconds: a fraction is not cut off, which would move the moment.
    private static long seconds(
            Map<String, Object> payload, String name, long absent, TokenFault notInteger, TokenFault outOfRange)
            throws TokenException {
        if (!payload.containsKey(name)) {
            return absent;
        }
        Object value = payload.get(name);
        boolean whole = value instanceof Long
                || value instanceof BigInteger
                || (value instanceof Double number && number == Math.rint(number) && !Double.isInfinite(number));
        if (!whole || !(value instanceof Number number)) {
            throw notInteger.exception();
        }
        if (number.doubleValue() < 0 || number.doubleValue() >= Long.MAX_VALUE) {
            throw outOfRange.exception();
        }
        return number.longValue();
    }

    private static List<String> audiences(@Nullable Object aud) throws TokenException {
        if (aud instanceof String single) {
            return List.of(single);
        }
        if (aud instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        if (aud != null) {
            throw TokenFault.AUD.exception();
        }
        return List.of();
    }
}
