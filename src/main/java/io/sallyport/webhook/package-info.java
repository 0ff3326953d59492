/// Answers a Kubernetes API server whether a resource may be stored.
@NullMarked
package io.sallyport.webhook;

import org.jspecify.annotations.NullMarked;
