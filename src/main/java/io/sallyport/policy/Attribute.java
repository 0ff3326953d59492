package io.sallyport.policy;

import io.sallyport.jwt.ClaimPath;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What a field of a policy's rule is about, by the key that a `when` condition has for it.
public enum Attribute {
    SOURCE_PRINCIPAL("source.principal", false),
    SOURCE_NAMESPACE("source.namespace", false),
    SOURCE_SERVICE_ACCOUNT("source.serviceAccount", false),
    SOURCE_TRUST_DOMAIN("source.trustDomain", false),
    SOURCE_IP("source.ip", false),
    REMOTE_IP("remote.ip", false),
    DESTINATION_IP("destination.ip", false),
    DESTINATION_PORT("destination.port", false),
    CONNECTION_SNI("connection.sni", false),
    /// `request.headers[name]`.
    REQUEST_HEADER("request.headers", true),
    /// `requestPrincipals`, `request.auth.principal`.
    REQUEST_PRINCIPAL("request.auth.principal", true),
    TOKEN_AUDIENCES("request.auth.audiences", true),
    TOKEN_PRESENTER("request.auth.presenter", true),
    /// `request.auth.claims[name]`.
    TOKEN_CLAIM(ClaimPath.CONDITION, true),
    /// Only in `to.operation`, as the next ones.
    HOST("hosts", true),
    METHOD("methods", true),
    PATH("paths", true);

    private final String key;
    private final boolean http;

    Attribute(String key, boolean http) {
        this.key = key;
        this.http = http;
    }

    String key() {
        return key;
    }

    /// Whether only requests have it, and connections whose bytes are relayed do not.
    boolean isHttp() {
        return http;
    }

    /// The attribute of a condition's key, or null for one that is unknown.
    public static @Nullable Attribute ofKey(String key) {
        int bracket = key.indexOf('[');
        String name = bracket < 0 ? key : key.substring(0, bracket);
        return Arrays.stream(values())
                .filter(attribute -> attribute.key.equals(name) && attribute.compareTo(HOST) < 0)
                .findFirst()
                .orElse(null);
    }
}
