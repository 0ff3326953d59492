/// Bytes both ways without HTTP: routes of TCP and TLS passthrough, and the tunnels that are open.
@NullMarked
package io.sallyport.tunnel;

import org.jspecify.annotations.NullMarked;
