package io.sallyport.identity;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The certificates of one configuration, and what can change them without a change of the configuration.
///
/// @param credentials that are served or shown, by their source: `namespace/name` of a secret, or a path
/// @param authorities that peers are verified by, likewise: `namespace/name/ca.crt`, or a path
/// @param files that the configuration names, wherever they are and whether or not they could be read
/// @param nextValid when the first certificate becomes valid that has been given before its time; null: there is none
/// @param unread whether a file could not be opened for a reason that may pass
public record CertificatesInUse(
        Map<String, Credential> credentials,
        Map<String, TrustBundle> authorities,
        Set<Path> files,
        @Nullable Instant nextValid,
        boolean unread) {

    public static final CertificatesInUse NONE = new CertificatesInUse(Map.of(), Map.of(), Set.of(), null, false);

    public CertificatesInUse {
        credentials = Map.copyOf(credentials);
        authorities = Map.copyOf(authorities);
        files = Set.copyOf(files);
    }

    /// When each source has its next certificate expire. Of authorities those do not count that have expired, unless
    /// all have: a bundle keeps old ones.
    public Map<String, Instant> ends(Instant now) {
        Map<String, Instant> ends = new HashMap<>();
        authorities.forEach((source, bundle) -> ends.put(source, bundle.end(now)));
        credentials.forEach((source, credential) -> ends.put(source, credential.end()));
        return ends;
    }

    /// SHA-256, in hex, of all certificates and revocation lists: what was read of the files, not what they hold by
    /// now.
    public String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            List<byte[]> parts = new ArrayList<>();
            for (Credential credential : new TreeMap<>(credentials).values()) {
                for (X509Certificate certificate : credential.chain()) {
                    parts.add(certificate.getEncoded());
                }
            }
            for (TrustBundle bundle : new TreeMap<>(authorities).values()) {
                for (X509Certificate authority : bundle.authorities()) {
                    parts.add(authority.getEncoded());
                }
                for (X509CRL list : bundle.crls()) {
                    parts.add(list.getEncoded());
                }
            }
            parts.forEach(digest::update);
            return HexFormat.of().formatHex(digest.digest());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("what was parsed has an encoding", impossible);
        }
    }
}
