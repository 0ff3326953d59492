/// Names to addresses: asks DNS, keeps asking as the answers' TTLs run out, and tells what changed.
@NullMarked
package io.sallyport.upstream.dns;

import org.jspecify.annotations.NullMarked;
