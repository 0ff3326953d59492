package io.sallyport.net;

import io.sallyport.outcome.ProxyException;
import org.jspecify.annotations.Nullable;

/// A host whose address is not dialled.
///
/// @param host as configured, or as a request named it
/// @param address the refused one, as text
/// @param reason `link_local_address`
public record AddressRefusal(String host, String address, String reason) {
    static final String DETAILS = "egress_address_guarded";
    static final String OWN_PORT = "own_port";
    public static final String REMEDY = "list the address in `addresses` or `endpoints` of the host's ServiceEntry,"
            + " or in sallyport.egress.allowed-cidrs, if it is meant";

    /// 403. The client does not see the address: what internal names resolve to is not disclosed.
    public ProxyException denied() {
        if (reason.equals(OWN_PORT)) {
            return ProxyException.denied(
                    DETAILS, "%s is not connected to: it is a port of this gateway itself.".formatted(host));
        }
        return ProxyException.denied(
                DETAILS,
                "%s is not connected to: it stands for a guarded address (%s). To allow it, %s."
                        .formatted(host, reason, REMEDY));
    }

    /// Null where nothing is refused.
    public static @Nullable ProxyException denied(@Nullable AddressRefusal refusal) {
        return refusal == null ? null : refusal.denied();
    }
}
