/// The connections of one event loop to endpoints.
///
/// Each event loop has one [UpstreamLoop], which owns that loop's connections and gives them out: pick an endpoint,
/// reuse an idle connection or open one, hand it to the [Acquisition]. What all event loops share of a cluster is in
/// `cluster`.
@NullMarked
package io.sallyport.upstream;

import org.jspecify.annotations.NullMarked;
