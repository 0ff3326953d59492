/// What Istio's own validation refuses within one resource, and what Sallyport reads but does not do yet.
@NullMarked
package io.sallyport.config.validation;

import org.jspecify.annotations.NullMarked;
