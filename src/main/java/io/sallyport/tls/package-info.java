/// TLS on both sides: contexts and engines, the choice of versions, ciphers and groups, and the ClientHello, the one
/// message that is read without taking part in TLS.
///
/// Contexts are immutable. A rotated certificate is a new [DownstreamTlsSpec] and so a new [DownstreamTlsContext]:
/// connections made with the old one live on, no handshake meets a half-swapped one, and a session of the old one
/// cannot be resumed with the new one, since each context has ticket keys and a session cache of its own.
@NullMarked
package io.sallyport.tls;

import org.jspecify.annotations.NullMarked;
