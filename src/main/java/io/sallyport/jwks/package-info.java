/// Key sets that are fetched: found, refreshed, kept while their issuer cannot be reached.
///
/// [io.sallyport.jwks.KeysInUse] are those of one configuration, each a [io.sallyport.jwks.FetchedKeys], for which a
/// [io.sallyport.jwks.KeyFetcher] makes the gateway's own calls. No thread waits for them, and the egress guard judges
/// the addresses.
@NullMarked
package io.sallyport.jwks;

import org.jspecify.annotations.NullMarked;
