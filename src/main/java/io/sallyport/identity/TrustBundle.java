package io.sallyport.identity;

import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The authorities that peers are verified against. Each is a trust anchor, be it a root or an intermediate.
///
/// @param authorities at least one
/// @param crls empty: revocation is not checked. Otherwise, as in Envoy, every authority of a peer's chain needs a
///     current list here, or the peer is refused
/// @param federated the bundles of other trust domains, by their names: each verifies its own peers, and nobody else's
public record TrustBundle(List<X509Certificate> authorities, List<X509CRL> crls, Map<String, TrustBundle> federated) {
    /// Without other trust domains.
    public TrustBundle(List<X509Certificate> authorities, List<X509CRL> crls) {
        this(authorities, crls, Map.of());
    }

    public TrustBundle {
        authorities = List.copyOf(authorities);
        crls = List.copyOf(crls);
        federated = Map.copyOf(federated);
        if (authorities.isEmpty()) {
            throw new IllegalArgumentException("a trust bundle needs at least one authority");
        }
    }

    /// Whether nothing has gone that vouches for this peer: the bundle of its trust domain has all authorities that it
    /// had, and the same revocation lists.
    public boolean keeps(TrustBundle before, X509Certificate leaf) {
        if (federated.isEmpty() && before.federated.isEmpty()) {
            return coversOwn(before);
        }
        SpiffeId id = PeerIdentity.of(leaf).spiffe();
        TrustBundle had = id == null ? null : before.federated.get(id.trustDomain());
        TrustBundle has = id == null ? null : federated.get(id.trustDomain());
        if (had == null || has == null) {
            return had == has && coversOwn(before);
        }
        return has.coversOwn(had);
    }

    private boolean coversOwn(TrustBundle other) {
        return crls.equals(other.crls)
                && (authorities.equals(other.authorities) || new HashSet<>(authorities).containsAll(other.authorities));
    }

    /// These trust domains, which the authorities themselves verify, and the others.
    public List<String> trustDomains(List<String> own) {
        List<String> all = new ArrayList<>(own);
        all.addAll(federated.keySet());
        return all;
    }

    /// When the first of the authorities expires that has not yet; where all have, when the last one did.
    Instant end(Instant now) {
        Instant next = Instant.MAX;
        Instant last = Instant.MIN;
        for (X509Certificate authority : authorities) {
            Instant end = authority.getNotAfter().toInstant();
            last = end.isAfter(last) ? end : last;
            next = end.isAfter(now) && end.isBefore(next) ? end : next;
        }
        return next.equals(Instant.MAX) ? last : next;
    }

    /// Reads the bundle's two PEM files.
    ///
    /// @param crl null for no revocation lists
    public static TrustBundle read(Path authorities, @Nullable Path crl) throws CredentialException {
        return new TrustBundle(Pem.certificates(authorities), crl == null ? List.of() : Pem.crls(crl));
    }

    @Override
    public String toString() {
        return "TrustBundle[" + authorities.size() + " authorities, " + crls.size() + " revocation lists"
                + (federated.isEmpty() ? "]" : ", and of " + federated.keySet() + "]");
    }
}
