/// Allow or deny: authorization policies, compiled.
///
/// [io.sallyport.policy.PolicySet] judges a [io.sallyport.policy.PolicyRequest]. It knows neither resources nor
/// sockets; `compile` makes it of AuthorizationPolicies, and whoever serves a request or a connection asks it.
@NullMarked
package io.sallyport.policy;

import org.jspecify.annotations.NullMarked;
