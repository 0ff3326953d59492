/// Who is who: certificates and keys read from files, trust bundles, SPIFFE identities, and the TLS contexts of both
/// sides.
///
/// Everything here is immutable. A rotated certificate is a new [DownstreamTlsSpec] and so a new
/// [DownstreamTlsContext]: connections made with the old one live on, no handshake meets a half-swapped one, and a
/// session of the old one cannot be resumed with the new one, since each context has ticket keys and a session cache
/// of its own.
@NullMarked
package io.sallyport.identity;

import org.jspecify.annotations.NullMarked;
