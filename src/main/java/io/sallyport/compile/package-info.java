/// Translates the resources of a configuration into listeners, filter chains, routes and clusters.
///
/// [io.sallyport.compile.SnapshotCompiler] is the entry; it goes from the Gateways inwards: servers to
/// listeners, their VirtualServices to virtual hosts and routes, and the destinations met on the way to clusters. What
/// it makes is a plan: nothing is bound, resolved or connected before the plan is applied, so `validate` and `explain`
/// use the same one.
@NullMarked
package io.sallyport.compile;

import org.jspecify.annotations.NullMarked;
