/// Which endpoint a request goes to: pickers by policy, locality and priority, and consistent hashing.
@NullMarked
package io.sallyport.cluster.balance;

import org.jspecify.annotations.NullMarked;
