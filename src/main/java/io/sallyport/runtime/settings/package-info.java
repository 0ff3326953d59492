/// The settings of the process: everything that is neither a resource nor a secret.
@NullMarked
package io.sallyport.runtime.settings;

import org.jspecify.annotations.NullMarked;
