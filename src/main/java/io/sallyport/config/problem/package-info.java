/// What can be wrong with a configuration, with stable codes.
@NullMarked
package io.sallyport.config.problem;

import org.jspecify.annotations.NullMarked;
