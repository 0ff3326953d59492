package io.sallyport.runtime.settings;

/// Which addresses names are looked up for (Envoy's `dns_lookup_family`).
public enum LookupFamily {
    AUTO,
    V4_ONLY,
    V6_ONLY,
    V4_PREFERRED,
    V6_PREFERRED
}
