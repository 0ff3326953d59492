package io.sallyport.compile;

import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Severity;

/// Problems with certificates, keys and TLS settings: `SAL4xxx`.
public enum TlsProblem implements ProblemCode {
    UNUSABLE_CREDENTIAL(
            "SAL4001",
            Severity.WARNING,
            "credential cannot be used",
            "The certificate, its chain or its key cannot be read, or the key does not belong to the certificate. What it"
                    + " held before is served on; where there is nothing, handshakes for the server's names are refused,"
                    + " and requests to the cluster get 503 UF. Nothing else is concerned, so this is a warning; a"
                    + " change of the files is taken up by itself."),
    EXPIRED_CERTIFICATE(
            "SAL4002",
            Severity.WARNING,
            "certificate has expired",
            "It is served on: clients refuse it, and who overlooks that is served. Renew the certificate; the gateway"
                    + " takes it up by itself."),
    CREDENTIAL_WARNING(
            "SAL4003",
            Severity.WARNING,
            "credential has a flaw",
            "The certificate expires within 21 days, is not valid yet, or its chain is not in order; it is served all"
                    + " the same. But one that is not valid yet takes the place of a valid one only when its time has come."),
    UNUSABLE_TRUST_BUNDLE(
            "SAL4004",
            Severity.WARNING,
            "authorities cannot be used",
            "Client or endpoint certificates are to be verified, but the authorities (ca.crt, caCertificates) or their"
                    + " revocation list cannot be read. What they were before is used on; where there is"
                    + " nothing, nobody is served: neither clients of the server nor requests to the cluster (503 UF)."),
    INVALID_TLS_SETTINGS(
            "SAL4005",
            Severity.ERROR,
            "TLS settings cannot be served",
            "The versions, cipher suites or pins contradict each other or are not known."),
    NO_IDENTITY(
            "SAL4006",
            Severity.WARNING,
            "the gateway has no SVID",
            "ISTIO_MUTUAL presents the gateway's own certificate, and none is there. Set sallyport.identity.dir to a"
                    + " directory with tls.crt, tls.key and ca.crt. Until then handshakes of such servers are refused."),
    NO_CLIENT_IDENTITY(
            "SAL4007",
            Severity.WARNING,
            "a service that expects the gateway's SVID is not served",
            "A DestinationRule orders ISTIO_MUTUAL, which presents the gateway's own certificate, and none is there."
                    + " Requests to that service are answered 503, never sent in plain text. Set sallyport.identity.dir"
                    + " to a directory with tls.crt, tls.key and ca.crt.");

    private final String id;
    private final Severity severity;
    private final String title;
    private final String doc;

    TlsProblem(String id, Severity severity, String title, String doc) {
        this.id = id;
        this.severity = severity;
        this.title = title;
        this.doc = doc;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Severity severity() {
        return severity;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public String doc() {
        return doc;
    }
}
