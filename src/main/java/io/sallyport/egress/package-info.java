/// What may leave: the list of registered destinations, the denial of everything else and what it suggests, and the use
/// that is made of each entry.
@NullMarked
package io.sallyport.egress;

import org.jspecify.annotations.NullMarked;
