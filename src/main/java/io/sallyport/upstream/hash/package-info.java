/// Consistent hashing: which of several members a key belongs to, such that few keys move when a member leaves. Pure
/// arithmetic; what the members are is the caller's affair.
@NullMarked
package io.sallyport.upstream.hash;

import org.jspecify.annotations.NullMarked;
