/// What the mesh itself knows of its services: which there are, where their endpoints are, who a client is.
///
/// These are plain values and their registry, independent of where they come from.
/// [io.sallyport.discovery.kubernetes] asks the Kubernetes API. `snapshot` compiles the services like resources
/// and hands the endpoints on to the clusters; only the commands start it.
@NullMarked
package io.sallyport.discovery;

import org.jspecify.annotations.NullMarked;
