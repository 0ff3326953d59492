/// What an operator sees and does: the admin API, readiness, liveness.
@NullMarked
package io.sallyport.admin;

import org.jspecify.annotations.NullMarked;
