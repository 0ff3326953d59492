package io.sallyport.net;

import java.util.Locale;

/// The kind of an address by the IANA special-purpose address registries (RFC 6890).
enum AddressKind {
    /// Of the open internet.
    PUBLIC(false, false),
    /// RFC 1918, unique local (RFC 4193), and what used to be site-local.
    PRIVATE(true, false),
    /// Between a carrier's customers and its translators (RFC 6598); clusters use it for pods.
    SHARED(true, false),
    DOCUMENTATION(true, false),
    BENCHMARKING(true, false),
    LOOPBACK(true, true),
    /// `0.0.0.0/8` and `::`: connecting to them reaches this machine.
    UNSPECIFIED(true, true),
    LINK_LOCAL(true, true),
    /// Where clouds give out credentials.
    METADATA(true, true),
    MULTICAST(true, true),
    BROADCAST(true, true),
    /// IPv6 that stands for an IPv4 address which cannot be determined: Teredo, local NAT64 prefixes.
    TRANSLATED(true, true),
    RESERVED(true, true);

    private final boolean refusedOutside;
    private final boolean refusedInside;
    private final String reason = name().toLowerCase(Locale.ROOT) + "_address";

    AddressKind(boolean refusedOutside, boolean refusedInside) {
        this.refusedOutside = refusedOutside;
        this.refusedInside = refusedInside;
    }

    boolean isRefused(AddressGuard.Level level) {
        return level == AddressGuard.Level.INTERNAL ? refusedInside : refusedOutside;
    }

    /// `link_local_address`.
    String reason() {
        return reason;
    }
}
