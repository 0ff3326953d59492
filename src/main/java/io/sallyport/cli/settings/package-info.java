/// The settings of the process: everything that is neither a resource nor a secret.
@NullMarked
package io.sallyport.cli.settings;

import org.jspecify.annotations.NullMarked;
