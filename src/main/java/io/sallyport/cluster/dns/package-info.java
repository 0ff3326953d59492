/// Names to addresses: asks DNS, asks again as the TTLs of the answers run out, and reports what changed.
@NullMarked
package io.sallyport.cluster.dns;

import org.jspecify.annotations.NullMarked;
