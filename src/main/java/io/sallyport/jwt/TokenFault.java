package io.sallyport.jwt;

/// Why a token is not accepted, in Envoy's words (`source/common/jwt/status.cc`), which clients and dashboards know.
public enum TokenFault {
    BAD_FORMAT("Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections"),
    HEADER_BASE64("Jwt header is an invalid Base64url encoded"),
    HEADER_JSON("Jwt header is an invalid JSON"),
    HEADER_ALG("Jwt header [alg] field is required and must be a string"),
    ALGORITHM("Jwt header [alg] is not supported"),
    HEADER_KID("Jwt header [kid] field is not a string"),
    HEADER_TYP("Jwt header [typ] field is not that of a JWT-SVID"),
    PAYLOAD_BASE64("Jwt payload is an invalid Base64url encoded"),
    PAYLOAD_JSON("Jwt payload is an invalid JSON"),
    ISS("Jwt payload [iss] field is not a string"),
    SUB("Jwt payload [sub] field is not a string"),
    SUB_TRUST_DOMAIN("Jwt payload [sub] field is not a SPIFFE ID of the trust domain"),
    IAT("Jwt payload [iat] field is not an integer"),
    IAT_RANGE("Jwt payload [iat] field is not a positive 64 bit integer"),
    NBF("Jwt payload [nbf] field is not an integer"),
    NBF_RANGE("Jwt payload [nbf] field is not a positive 64 bit integer"),
    EXP("Jwt payload [exp] field is not an integer"),
    EXP_MISSING("Jwt payload [exp] field is required"),
    EXP_RANGE("Jwt payload [exp] field is not a positive 64 bit integer"),
    JTI("Jwt payload [jti] field is not a string"),
    AUD("Jwt payload [aud] field is not a string or string list"),
    SIGNATURE_BASE64("Jwt signature is an invalid Base64url encoded"),
    NOT_YET_VALID("Jwt not yet valid"),
    EXPIRED("Jwt is expired"),
    UNKNOWN_ISSUER("Jwt issuer is not configured"),
    AUDIENCE("Audiences in Jwt are not allowed"),
    VERIFICATION("Jwt verification fails"),
    MULTIPLE("Found multiple Jwt tokens"),
    NO_KEY("Jwks doesn't have key to match kid or alg from Jwt"),
    FETCH("Jwks remote fetch is failed");

    private final String text;
    private final String details;

    TokenFault(String text) {
        this.text = text;
        details = "jwt_authn_access_denied{" + text.replace(' ', '_') + "}";
    }

    /// What the client reads.
    public String text() {
        return text;
    }

    /// For the access log.
    public String details() {
        return details;
    }

    /// Of the answer: who has the token may not have what it is for, or is not known at all.
    public int status() {
        return this == AUDIENCE ? 403 : 401;
    }

    TokenException exception() {
        return new TokenException(this);
    }
}
