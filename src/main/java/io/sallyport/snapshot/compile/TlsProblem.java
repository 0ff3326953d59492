package io.sallyport.snapshot.compile;

import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Severity;

/// Problems with certificates, keys and TLS settings: `SAL4xxx`.
public enum TlsProblem implements ProblemCode {
    UNUSABLE_CREDENTIAL(
            "SAL4001",
            Severity.ERROR,
            "credential cannot be used",
            "The certificate, its chain or its key cannot be read, or the key does not belong to the certificate. A listener"
                    + " without its certificate cannot be served, so the generation is refused."),
    EXPIRED_CERTIFICATE(
            "SAL4002",
            Severity.ERROR,
            "certificate has expired",
            "Every client would refuse the handshake. Renew the certificate; the gateway takes it up by itself."),
    CREDENTIAL_WARNING(
            "SAL4003",
            Severity.WARNING,
            "credential has a flaw",
            "The certificate expires soon, is not valid yet, or its chain is not in order; it is served all the same."),
    UNUSABLE_TRUST_BUNDLE(
            "SAL4004",
            Severity.ERROR,
            "authorities cannot be used",
            "Client or endpoint certificates are to be verified, but the authorities (ca.crt, caCertificates) or their"
                    + " revocation list cannot be read. Without them nobody could be told apart, so the generation is refused."),
    INVALID_TLS_SETTINGS(
            "SAL4005",
            Severity.ERROR,
            "TLS settings cannot be served",
            "The versions, cipher suites or pins contradict each other or are not known."),
    NO_IDENTITY(
            "SAL4006",
            Severity.ERROR,
            "the gateway has no SVID",
            "ISTIO_MUTUAL presents the gateway's own certificate, and none is there. Set sallyport.identity.dir to a"
                    + " directory with tls.crt, tls.key and ca.crt."),
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
