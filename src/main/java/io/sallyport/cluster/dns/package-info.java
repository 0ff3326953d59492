/// Names to addresses: queries DNS, again whenever the TTLs of the answers have passed, and reports what changed.
@NullMarked
package io.sallyport.cluster.dns;

import org.jspecify.annotations.NullMarked;
