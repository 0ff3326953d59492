/// What is asked of external authorizers, and what their answers mean: Envoy's two protocols (`ext_authz` over HTTP and
/// `envoy.service.auth.v3`).
@NullMarked
package io.sallyport.extauth;

import org.jspecify.annotations.NullMarked;
