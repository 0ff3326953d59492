package io.sallyport.tls;

import io.sallyport.identity.CredentialException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// From a lowest and highest version to the names that engines take.
final class TlsVersions {
    private TlsVersions() {}

    /// @param min null is TLS 1.2
    /// @param max null is TLS 1.3
    static List<String> range(@Nullable TlsVersion min, @Nullable TlsVersion max) throws CredentialException {
        TlsVersion lowest = min == null ? TlsVersion.TLS_1_2 : min;
        TlsVersion highest = max == null ? TlsVersion.TLS_1_3 : max;
        List<String> names = new ArrayList<>();
        for (TlsVersion version : TlsVersion.values()) {
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
