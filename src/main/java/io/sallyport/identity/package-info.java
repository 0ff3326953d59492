/// Who is who: certificates and keys read from files, trust bundles, SPIFFE identities, and the checks of a peer's
/// certificate. Everything here is immutable.
@NullMarked
package io.sallyport.identity;

import org.jspecify.annotations.NullMarked;
