package io.sallyport.tls;

import io.sallyport.identity.CredentialException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The TLS versions that can be offered. TLS 1.0 and 1.1 are deprecated by RFC 8996 and never are.
public enum TlsVersion {
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3");

    private final String jsseName;

    TlsVersion(String jsseName) {
        this.jsseName = jsseName;
    }

    /// The name that `SSLEngine` and OpenSSL's provider use: `TLSv1.2`, `TLSv1.3`.
    public String jsseName() {
        return jsseName;
    }

    /// The names, as engines take them, from a lowest to a highest version.
    ///
    /// @param min null is TLS 1.2
    /// @param max null is TLS 1.3
    static List<String> range(@Nullable TlsVersion min, @Nullable TlsVersion max) throws CredentialException {
        TlsVersion lowest = min == null ? TLS_1_2 : min;
        TlsVersion highest = max == null ? TLS_1_3 : max;
        List<String> names = new ArrayList<>();
        for (TlsVersion version : values()) {
            if (version.compareTo(lowest) >= 0 && version.compareTo(highest) <= 0) {
                names.add(version.jsseName());
            }
        }
        if (names.isEmpty()) {
            throw new CredentialException(
                    "minProtocolVersion",
                    lowest + " is above maxProtocolVersion " + highest,
                    "leave one of them out, or swap them");
        }
        return names;
    }
}
