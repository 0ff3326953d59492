package io.sallyport.policy;

import io.sallyport.identity.SubjectAltNames;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a connection, and by which way he came; made once a connection.
///
/// @param names of the verified certificate in the order in which they are compared: its URI names, then its DNS names,
///     its subject where it has neither; empty for plain text and where there was no certificate
/// @param peer the connection's other end: the `source.ip`; null for a Unix socket
/// @param remote the client as a PROXY protocol header names it, else the peer: the `remote.ip` where no header field
///     says otherwise
/// @param local the address that was connected to: the `destination.ip`
/// @param sni in lower case, empty where there was none
public record Caller(
        List<String> names,
        @Nullable InetSocketAddress peer,
        @Nullable InetSocketAddress remote,
        @Nullable InetSocketAddress local,
        String sni) {

    /// @param certificate verified; null where there is none
    public static Caller of(
            @Nullable X509Certificate certificate,
            SocketAddress peer,
            SocketAddress remote,
            SocketAddress local,
            @Nullable String sni) {
        return new Caller(
                certificate == null ? List.of() : names(certificate),
                inet(peer),
                inet(remote),
                inet(local),
                sni == null ? "" : sni);
    }

    private static List<String> names(X509Certificate certificate) {
        SubjectAltNames names = SubjectAltNames.of(certificate);
        List<String> all = new ArrayList<>(names.uris());
        all.addAll(names.dns());
        return all.isEmpty() ? List.of(certificate.getSubjectX500Principal().getName()) : List.copyOf(all);
    }

    private static @Nullable InetSocketAddress inet(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet : null;
    }
}
