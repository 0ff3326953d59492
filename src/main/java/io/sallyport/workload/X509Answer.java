package io.sallyport.workload;

import io.sallyport.http.grpc.ProtoException;
import io.sallyport.http.grpc.ProtoReader;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.DerCertificates;
import io.sallyport.identity.SpiffeId;
import io.sallyport.identity.TrustBundle;
import io.sallyport.identity.WorkloadIdentity;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A message of `FetchX509SVID`: the whole of what the gateway is entitled to at that time (SPIFFE Workload API section
/// 5, `X509SVIDResponse`).
///
/// @param svids at least one, in their order
/// @param federated bundles in DER, by the SPIFFE id of their trust domain
record X509Answer(List<Svid> svids, List<byte[]> crls, Map<String, byte[]> federated) {
    private static final String ANSWER = "the Workload API's answer";

    /// What a message comes to.
    ///
    /// @param faults of bundles of other trust domains: each concerns its own domain alone
    record Entitlement(WorkloadIdentity identity, List<String> faults) {}

    /// `X509SVID`.
    record Svid(String spiffeId, byte[] chain, byte[] key, byte[] bundle, String hint) {}

    /// @throws CredentialException where it cannot be read, or lacks what is mandatory
    static X509Answer decode(byte[] message) throws CredentialException {
        try {
            X509Answer answer = read(new ProtoReader(message));
            if (answer.svids.isEmpty()) {
                throw unusable("it holds no SVID", null);
            }
            return answer;
        } catch (ProtoException e) {
            throw unusable(String.valueOf(e.getMessage()), e);
        }
    }

    private static X509Answer read(ProtoReader reader) throws ProtoException {
        List<Svid> svids = new ArrayList<>();
        List<byte[]> crls = new ArrayList<>();
        Map<String, byte[]> federated = new LinkedHashMap<>();
        while (reader.next()) {
            switch (reader.field()) {
                case 1 -> svids.add(svid(reader.message()));
                case 2 -> crls.add(reader.bytes());
                case 3 -> addBundle(reader.message(), federated);
                default -> {}
            }
        }
        return new X509Answer(svids, crls, federated);
    }

    private static Svid svid(ProtoReader reader) throws ProtoException {
        String spiffeId = "";
        String hint = "";
        byte[] chain = {};
        byte[] key = {};
        byte[] bundle = {};
        while (reader.next()) {
            switch (reader.field()) {
                case 1 -> spiffeId = reader.text();
                case 2 -> chain = reader.bytes();
                case 3 -> key = reader.bytes();
                case 4 -> bundle = reader.bytes();
                case 5 -> hint = reader.text();
                default -> {}
            }
        }
        return new Svid(spiffeId, chain, key, bundle, hint);
    }

    private static void addBundle(ProtoReader entry, Map<String, byte[]> federated) throws ProtoException {
        String domain = "";
        byte[] bundle = {};
        while (entry.next()) {
            switch (entry.field()) {
                case 1 -> domain = entry.text();
                case 2 -> bundle = entry.bytes();
                default -> {}
            }
        }
        federated.put(domain, bundle);
    }

    /// The SVID to use.
    ///
    /// @param hint that it has; null for the first, whatever it has
    /// @return null where none has it
    @Nullable
    Svid choose(@Nullable String hint) {
        for (Svid svid : svids) {
            if (hint == null || svid.hint.equals(hint)) {
                return svid;
            }
        }
        return null;
    }

    /// The identity that the SVID comes to, with all that this message says of trust. In place of another trust
    /// domain's bundle that is broken, the authorities that the domain had before serve on; where it had none,
    /// its peers are refused.
    ///
    /// @param before whom the last message that was used said to trust; null where there is none
    /// @throws CredentialException where any other part of it is broken: then nothing of the message is used
    Entitlement identity(Svid svid, @Nullable TrustBundle before, Instant now) throws CredentialException {
        String source = "the SVID " + SpiffeId.shown(svid.spiffeId);
        Credential credential = Credential.of(
                DerCertificates.certificates(svid.chain, source), DerCertificates.key(svid.key, source), source);
        List<X509Certificate> authorities = current(svid.bundle, "the bundle of " + source, now);
        WorkloadIdentity bare = WorkloadIdentity.of(credential, new TrustBundle(authorities, List.of()), source);
        if (!bare.id().toString().equals(svid.spiffeId)) {
            throw new CredentialException(
                    source, "its certificate names " + bare.id(), "the Workload API has to say the same of it");
        }
        List<String> faults = new ArrayList<>();
        Map<String, List<X509Certificate>> others = others(bare.id().trustDomain(), before, faults);
        TrustBundle trust = trust(bare.id().trustDomain(), authorities, others);
        return new Entitlement(new WorkloadIdentity(credential, trust, bare.id()), List.copyOf(faults));
    }

    /// The authorities of the other trust domains.
    private Map<String, List<X509Certificate>> others(String own, @Nullable TrustBundle before, List<String> faults) {
        Map<String, List<X509Certificate>> others = new TreeMap<>();
        for (Map.Entry<String, byte[]> entry : federated.entrySet()) {
            String what = "the bundle of " + SpiffeId.shown(entry.getKey());
            SpiffeId id = SpiffeId.parse(entry.getKey());
            if (id == null || !id.path().isEmpty() || id.trustDomain().equals(own)) {
                faults.add(what + " is of no other trust domain: its key has to be spiffe://<name>");
                continue;
            }
            try {
                others.put(id.trustDomain(), DerCertificates.certificates(entry.getValue(), what));
            } catch (CredentialException broken) {
                TrustBundle last = before == null ? null : before.federated().get(id.trustDomain());
                if (last != null) {
                    others.put(id.trustDomain(), last.authorities());
                }
                faults.add(broken.getMessage()
                        + (last == null ? "; peers of that domain are refused" : "; the one before it serves on"));
            }
        }
        return others;
    }

    private TrustBundle trust(String own, List<X509Certificate> authorities, Map<String, List<X509Certificate>> others)
            throws CredentialException {
        Map<String, List<X509CRL>> lists = lists(own, authorities, others);
        Map<String, TrustBundle> bundles = new HashMap<>();
        others.forEach((domain, theirs) ->
                bundles.put(domain, new TrustBundle(theirs, lists.getOrDefault(domain, List.of()))));
        return new TrustBundle(authorities, lists.getOrDefault(own, List.of()), bundles);
    }

    /// The revocation lists by the trust domain whose authority has issued them. One of an intermediate
    /// authority, which no bundle holds, is our own's: where any list is known, every authority of a chain needs
    /// one.
    private Map<String, List<X509CRL>> lists(
            String own, List<X509Certificate> authorities, Map<String, List<X509Certificate>> others)
            throws CredentialException {
        Map<String, List<X509CRL>> lists = new HashMap<>();
        for (byte[] der : crls) {
            X509CRL list = DerCertificates.crl(der, "a revocation list of " + ANSWER);
            String domain = own;
            if (!hasIssued(authorities, list)) {
                for (Map.Entry<String, List<X509Certificate>> other : others.entrySet()) {
                    domain = hasIssued(other.getValue(), list) ? other.getKey() : domain;
                }
            }
            lists.computeIfAbsent(domain, _ -> new ArrayList<>()).add(list);
        }
        return lists;
    }

    private static boolean hasIssued(List<X509Certificate> authorities, X509CRL list) {
        return authorities.stream()
                .anyMatch(authority -> authority.getSubjectX500Principal().equals(list.getIssuerX500Principal()));
    }

    /// Authorities of which one at least has not expired.
    private static List<X509Certificate> current(byte[] der, String what, Instant now) throws CredentialException {
        List<X509Certificate> authorities = DerCertificates.certificates(der, what);
        boolean expired = authorities.stream()
                .allMatch(authority -> authority.getNotAfter().toInstant().isBefore(now));
        if (expired) {
            throw new CredentialException(what, "has expired", "the trust domain has to rotate its authorities");
        }
        return authorities;
    }

    private static CredentialException unusable(String problem, @Nullable Throwable cause) {
        return new CredentialException(ANSWER, problem, "see the logs of the agent", cause);
    }
}
