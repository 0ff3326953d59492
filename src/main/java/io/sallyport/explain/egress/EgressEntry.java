package io.sallyport.explain.egress;

import io.sallyport.egress.EgressPermit;

/// One entry of the egress list, for people.
///
/// @param reached how: `DNS api.example.com:443`, `static 10.0.0.1:80; TLS origination SIMPLE, SNI api.example.com`
/// @param guard which addresses may be dialled: `public`, `public, and 10.0.0.0/8`, `as listed`
public record EgressEntry(EgressPermit permit, String reached, String guard) {
    /// Who names it, with file and line where there are any.
    public String source() {
        return permit.resource() + (permit.source().isEmpty() ? "" : " (" + permit.source() + ")");
    }

    /// `any` where the entry has every port.
    public String port() {
        return permit.port() == 0 ? "any" : Integer.toString(permit.port());
    }
}
