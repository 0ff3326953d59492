package io.sallyport.proxy;

import io.sallyport.identity.ForwardedClientCert;
import java.util.EnumSet;
import java.util.Set;

/// What becomes of `x-forwarded-client-cert` (Istio: `gatewayTopology.forwardClientCertDetails`).
///
/// @param fields what the gateway says of a client's certificate besides `By` and `Hash`
public record ClientCertForwarding(Mode mode, Set<ForwardedClientCert.Field> fields) {
    /// Envoy's `ForwardClientCertDetails`. A client without a verified certificate may claim nothing but with the last.
    public enum Mode {
        /// The header is removed.
        SANITIZE,
        /// A client with a certificate may send one.
        FORWARD_ONLY,
        /// A client with a certificate may send one, which is continued.
        APPEND_FORWARD,
        /// The header says what the gateway has verified, and nothing else.
        SANITIZE_SET,
        /// Everybody may send one: only behind a proxy that all connections come from.
        ALWAYS_FORWARD_ONLY;

        boolean says() {
            return this == APPEND_FORWARD || this == SANITIZE_SET;
        }
    }

    /// What Istio gives its gateways.
    public static final ClientCertForwarding DEFAULT = new ClientCertForwarding(
            Mode.SANITIZE_SET,
            EnumSet.of(
                    ForwardedClientCert.Field.CERT,
                    ForwardedClientCert.Field.SUBJECT,
                    ForwardedClientCert.Field.URI,
                    ForwardedClientCert.Field.DNS));

    public ClientCertForwarding {
        fields = Set.copyOf(fields);
    }
}
