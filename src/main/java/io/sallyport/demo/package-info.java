/// Something to try the gateway with: sample services, and a configuration for them.
@NullMarked
package io.sallyport.demo;

import org.jspecify.annotations.NullMarked;
