package io.sallyport.route;

import io.sallyport.net.HostName;

/// An authority that the configuration has requests sent with, parsed once.
///
/// @param text as it is sent
/// @param host its host as [HostName#host()], which TLS names and verifies; empty where it holds none
public record RewrittenAuthority(String text, String host) {
    public static RewrittenAuthority of(String text) {
        return new RewrittenAuthority(text, HostName.parse(text).host());
    }
}
