/// Node trees to the records of `io.sallyport.config.model`. Each decoder names the fields of its proto messages in
/// the proto's order; what it does not name is reported as unknown.
@NullMarked
package io.sallyport.config.decode;

import org.jspecify.annotations.NullMarked;
