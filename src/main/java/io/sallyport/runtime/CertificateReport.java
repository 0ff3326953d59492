package io.sallyport.runtime;

import io.sallyport.admin.Listing;
import io.sallyport.identity.CertificatesInUse;
import io.sallyport.identity.Credential;
import io.sallyport.identity.SubjectAltNames;
import io.sallyport.identity.TrustBundle;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The certificates in use as the admin API shows them, those that end first before the others; never a key.
final class CertificateReport {
    private static final int SECONDS_PER_DAY = 24 * 60 * 60;
    /// As the warnings of the log.
    private static final Duration SOON = Duration.ofDays(21);

    private enum Kind {
        CERTIFICATE,
        IDENTITY,
        AUTHORITY
    }

    /// @param source `namespace/name` of a secret, a path, or who gave it
    /// @param end of the first certificate of the chain that ends
    /// @param soon how long before it somebody should look
    /// @param servers that present it
    private record Row(
            Kind kind, String source, X509Certificate certificate, Instant end, Duration soon, List<String> servers) {
        String text() {
            return kind + " " + source + ' ' + Credential.subject(certificate) + ' ' + String.join(" ", names()) + ' '
                    + String.join(" ", servers);
        }

        private List<String> names() {
            SubjectAltNames names = SubjectAltNames.of(certificate);
            List<String> all = new ArrayList<>(names.dns());
            all.addAll(names.uris());
            all.addAll(names.addresses());
            return all;
        }

        private String state(Instant now) {
            if (now.isAfter(end)) {
                return "expired";
            }
            if (now.isBefore(certificate.getNotBefore().toInstant())) {
                return "not yet valid";
            }
            return now.plus(soon).isAfter(end) ? "ends soon" : "valid";
        }

        JsonObject json(Instant now) {
            return new JsonObject()
                    .put("kind", kind.name().toLowerCase(Locale.ROOT))
                    .put("source", source)
                    .put("subject", Credential.subject(certificate))
                    .put("names", new JsonArray(names()))
                    .put("issuer", certificate.getIssuerX500Principal().getName())
                    .put("serial", certificate.getSerialNumber().toString(16))
                    .put("notBefore", certificate.getNotBefore().toInstant().toString())
                    .put("end", end.toString())
                    .put("daysLeft", Math.floorDiv(Duration.between(now, end).toSeconds(), SECONDS_PER_DAY))
                    .put("state", state(now))
                    .put("servers", new JsonArray(servers));
        }
    }

    private final List<Row> rows = new ArrayList<>();

    private CertificateReport() {}

    /// @param identity that the gateway has been given, whether or not anything presents it; null for none
    static Listing<?> of(
            Collection<ListenerSnapshot> listeners,
            CertificatesInUse inUse,
            @Nullable WorkloadIdentity identity,
            Instant now) {
        var report = new CertificateReport();
        report.add(servers(listeners), inUse, identity);
        report.rows.sort(Comparator.comparing(Row::end).thenComparing(Row::source));
        return new Listing<>(report.rows, Row::text, row -> row.json(now));
    }

    private void add(
            Map<Credential, TreeSet<String>> servers, CertificatesInUse inUse, @Nullable WorkloadIdentity identity) {
        new TreeMap<>(inUse.credentials()).forEach((source, credential) -> {
            boolean own = identity != null
                    && credential.chain().equals(identity.svid().chain());
            if (!own) {
                add(Kind.CERTIFICATE, source, credential, servers);
            }
        });
        if (identity != null) {
            add(Kind.IDENTITY, identity.id().toString(), identity.svid(), servers);
            authorities(identity.id().trustDomain(), identity.trust());
            new TreeMap<>(identity.trust().federated()).forEach(this::authorities);
        }
        new TreeMap<>(inUse.authorities()).forEach((source, bundle) -> {
            if (identity == null || !bundle.equals(identity.trust())) {
                authorities(source, bundle);
            }
        });
    }

    /// The servers that present each credential.
    private static Map<Credential, TreeSet<String>> servers(Collection<ListenerSnapshot> listeners) {
        Map<Credential, TreeSet<String>> servers = new HashMap<>();
        for (ListenerSnapshot listener : listeners) {
            for (FilterChain chain : listener.all()) {
                if (chain.context() != null) {
                    chain.context().spec().credentials().forEach(credential -> servers.computeIfAbsent(
                                    credential, _ -> new TreeSet<>())
                            .add(chain.server().toString()));
                }
            }
        }
        return servers;
    }

    private void add(Kind kind, String source, Credential credential, Map<Credential, TreeSet<String>> servers) {
        rows.add(new Row(
                kind,
                source,
                credential.leaf(),
                credential.end(),
                credential.soon(SOON),
                List.copyOf(servers.getOrDefault(credential, new TreeSet<>()))));
    }

    private void authorities(String source, TrustBundle bundle) {
        for (X509Certificate authority : bundle.authorities()) {
            rows.add(new Row(
                    Kind.AUTHORITY, source, authority, authority.getNotAfter().toInstant(), SOON, List.of()));
        }
    }
}
