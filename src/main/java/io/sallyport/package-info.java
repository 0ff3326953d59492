/// A gateway that stands at a mesh's edge: ingress, and egress by list.
@NullMarked
package io.sallyport;

import org.jspecify.annotations.NullMarked;
