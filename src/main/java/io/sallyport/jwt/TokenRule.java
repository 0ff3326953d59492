package io.sallyport.jwt;

import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One issuer whose tokens are accepted (Istio `JWTRule`), compiled.
public final class TokenRule {
    /// Seconds that clocks may differ by, as at Envoy.
    private static final long SKEW = 60;

    private final String issuer;
    private final List<String> audiences;
    private final List<TokenPlace> places;
    private final Outputs outputs;
    private final List<AsciiString> outputHeaders;
    private final Set<String> spaceDelimited;
    private final KeySource keys;

    /// Headers that a verified token sets.
    ///
    /// @param payload of the whole payload in base64url, or null
    /// @param claims of single claims
    /// @param original whether the token itself stays
    public record Outputs(@Nullable AsciiString payload, List<Claim> claims, boolean original) {
        /// @param path of the claim
        public record Claim(AsciiString header, List<String> path) {}

        private List<AsciiString> headers() {
            List<AsciiString> headers = new ArrayList<>();
            if (payload != null) {
                headers.add(payload);
            }
            claims.forEach(claim -> headers.add(claim.header));
            return List.copyOf(headers);
        }
    }

    TokenRule(
            String issuer,
            List<String> audiences,
            List<TokenPlace> places,
            Outputs outputs,
            Set<String> spaceDelimited,
            KeySource keys) {
        this.issuer = issuer;
        this.audiences = audiences.stream().map(TokenRule::comparable).toList();
        this.places = List.copyOf(places);
        this.outputs = outputs;
        outputHeaders = outputs.headers();
        this.spaceDelimited = Set.copyOf(spaceDelimited);
        this.keys = keys;
    }

    public String issuer() {
        return issuer;
    }

    KeySource keys() {
        return keys;
    }

    List<TokenPlace> places() {
        return places;
    }

    Claims claims(Jwt jwt) {
        return jwt.claims().splitting(spaceDelimited);
    }

    /// What is known of a token without its signature.
    ///
    /// @param now seconds since 1970
    /// @throws TokenException where the rule does not accept it
    void check(Jwt jwt, long now) throws TokenException {
        if (!issuer.isEmpty() && !issuer.equals(jwt.issuer())) {
            throw TokenFault.UNKNOWN_ISSUER.exception();
        }
        if (keys.trustDomain() != null) {
            JwtSvid.check(jwt, keys.trustDomain());
        }
        if (now + SKEW < jwt.notBefore()) {
            throw TokenFault.NOT_YET_VALID.exception();
        }
        if (now - SKEW > jwt.expires()) {
            throw TokenFault.EXPIRED.exception();
        }
        if (!audiences.isEmpty()
                && jwt.audiences().stream().noneMatch(audience -> audiences.contains(comparable(audience)))) {
            throw TokenFault.AUDIENCE.exception();
        }
    }

    /// Without scheme and one slash at the end, as Envoy compares them.
    private static String comparable(String audience) {
        int from = audience.startsWith("https://") ? 8 : audience.startsWith("http://") ? 7 : 0;
        int to = audience.endsWith("/") ? audience.length() - 1 : audience.length();
        return audience.substring(from, Math.max(from, to));
    }

    /// Takes out of fields what only a verified token may have put there.
    void removeOutputs(Headers fields) {
        outputHeaders.forEach(fields::remove);
    }

    /// The headers that a token of this rule sets, or leaves out.
    List<AsciiString> outputHeaders() {
        return outputHeaders;
    }

    /// Passes on what the rule has a token's claims passed on as.
    ///
    /// @param place of the token
    /// @param owners the payload of the token that each header is of
    void apply(TokenCarrier request, Jwt jwt, TokenPlace place, Map<AsciiString, String> owners) {
        if (!outputs.original) {
            place.clear(request);
        }
        if (outputs.payload != null && jwt.payload().equals(owners.get(outputs.payload))) {
            request.fields().set(outputs.payload, jwt.payload());
        }
        for (Outputs.Claim claim : outputs.claims) {
            String text = jwt.payload().equals(owners.get(claim.header))
                    ? text(jwt.claims().at(claim.path))
                    : "";
            if (isFieldValue(text)) {
                request.fields().set(claim.header, new AsciiString(text.getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    /// Whether a server reads in a header what the claim says: ends that are blank would be cut off, and so make
    /// somebody else of ` admin`.
    private static boolean isFieldValue(String text) {
        return !text.isBlank()
                && text.strip().length() == text.length()
                && text.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7f));
    }

    /// Texts, numbers and booleans; empty for all else.
    private static String text(@Nullable Object claim) {
        return switch (claim) {
            case String text -> text;
            case Double number
            when number == Math.rint(number) && Math.abs(number) < 1L << 53 -> Long.toString(number.longValue());
            case Number number -> number.toString();
            case Boolean bool -> bool.toString();
            case null, default -> "";
        };
    }

    /// The same rule of the next configuration is equal: what this one has accepted, that one has.
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (other instanceof TokenRule rule && isAs(rule));
    }

    private boolean isAs(TokenRule rule) {
        return issuer.equals(rule.issuer)
                && audiences.equals(rule.audiences)
                && places.equals(rule.places)
                && outputs.equals(rule.outputs)
                && spaceDelimited.equals(rule.spaceDelimited)
                && keys.equals(rule.keys);
    }

    @Override
    public int hashCode() {
        return Objects.hash(issuer, audiences, places);
    }

    /// Collects what a rule says; what is not set is as Istio has it.
    public static final class Builder {
        private final String issuer;
        private final KeySource keys;
        private final List<TokenPlace> places = new ArrayList<>();
        private final List<Outputs.Claim> claims = new ArrayList<>();
        private List<String> audiences = List.of();
        private Set<String> spaceDelimited = Set.of();
        private @Nullable AsciiString payload;
        private boolean original;

        /// @param issuer empty for any
        public Builder(String issuer, KeySource keys) {
            this.issuer = issuer;
            this.keys = keys;
        }

        /// Any of which a token must be for; empty for any audience, or none.
        public Builder audiences(List<String> value) {
            audiences = value;
            return this;
        }

        /// @param name in lower case
        public Builder fromHeader(String name, String prefix) {
            places.add(new TokenPlace.Field(AsciiString.cached(name), prefix));
            return this;
        }

        public Builder fromParameter(String name) {
            places.add(new TokenPlace.Parameter(name));
            return this;
        }

        public Builder fromCookie(String name) {
            places.add(new TokenPlace.Cookie(name));
            return this;
        }

        /// @param header in lower case
        public Builder payloadToHeader(String header) {
            payload = AsciiString.cached(header);
            return this;
        }

        /// @param header in lower case
        public Builder claimToHeader(String header, List<String> path) {
            claims.add(new Outputs.Claim(AsciiString.cached(header), path));
            return this;
        }

        public Builder forwardOriginal(boolean value) {
            original = value;
            return this;
        }

        /// Claims whose text is a list, besides `scope` and `permission`.
        public Builder spaceDelimited(List<String> value) {
            spaceDelimited = Set.copyOf(value);
            return this;
        }

        public TokenRule build() {
            List<String> divided = new ArrayList<>(List.of("scope", "permission"));
            divided.addAll(spaceDelimited);
            return new TokenRule(
                    issuer,
                    audiences,
                    places.isEmpty() ? TokenPlace.DEFAULTS : places,
                    new Outputs(payload, List.copyOf(claims), original),
                    Set.copyOf(divided),
                    keys);
        }
    }
}
