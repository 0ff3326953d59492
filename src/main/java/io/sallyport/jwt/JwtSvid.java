package io.sallyport.jwt;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A JWT-SVID: a token that names a workload by its SPIFFE ID (JWT-SVID sections 2 and 3). Not verified.
///
/// @param text its compact form
/// @param subject the SPIFFE ID
/// @param expires seconds since 1970
public record JwtSvid(String text, String subject, long expires) {
    private static final String SCHEME = "spiffe://";
    private static final Pattern TRUST_DOMAIN = Pattern.compile(SCHEME + "([a-z0-9._-]{1,255})");

    /// Takes a token apart that this side is to present.
    ///
    /// @param audience that it must be for
    /// @throws TokenException where it is no JWT-SVID, or is for others
    public static JwtSvid parse(String compact, String audience) throws TokenException {
        Jwt jwt = Jwt.parse(compact);
        String subject = jwt.claims().text("sub");
        check(jwt, trustDomainOf(subject));
        if (!jwt.audiences().contains(audience)) {
            throw TokenFault.AUDIENCE.exception();
        }
        return new JwtSvid(compact, String.valueOf(subject), jwt.expires());
    }

    /// What the specification asks of every JWT-SVID, but for its signature, its times and who may read it.
    ///
    /// @param trustDomain that its subject must be of; null for none, which no subject is of
    static void check(Jwt jwt, @Nullable String trustDomain) throws TokenException {
        if (jwt.algorithm() == SignatureAlgorithm.EDDSA || jwt.algorithm().isSecret()) {
            throw TokenFault.ALGORITHM.exception();
        }
        if (!jwt.svidType()) {
            throw TokenFault.HEADER_TYP.exception();
        }
        String subject = jwt.claims().text("sub");
        String domain = trustDomainOf(subject);
        if (subject == null || domain == null || !domain.equals(trustDomain)) {
            throw TokenFault.SUB_TRUST_DOMAIN.exception();
        }
        if (jwt.expires() == Long.MAX_VALUE) {
            throw TokenFault.EXP_MISSING.exception();
        }
        if (jwt.audiences().isEmpty()) {
            throw TokenFault.AUDIENCE.exception();
        }
    }

    /// Of a workload's SPIFFE ID; null where it is none.
    private static @Nullable String trustDomainOf(@Nullable String id) {
        int slash = id == null ? -1 : id.indexOf('/', SCHEME.length());
        return id == null || slash < 0 || slash == id.length() - 1 ? null : trustDomain(id.substring(0, slash));
    }

    /// Whether it is meant to name a trust domain's keys and not a place on the Web.
    public static boolean namesTrustDomain(String uri) {
        return uri.startsWith(SCHEME);
    }

    /// The trust domain of `spiffe://<trust domain>`; null where it is no such name.
    public static @Nullable String trustDomain(String uri) {
        Matcher matcher = TRUST_DOMAIN.matcher(uri);
        return matcher.matches() ? matcher.group(1) : null;
    }

    public String trustDomain() {
        return String.valueOf(trustDomainOf(subject));
    }

    /// Without the token.
    @Override
    public String toString() {
        return "JwtSvid[" + subject + ", expires " + expires + "]";
    }
}
