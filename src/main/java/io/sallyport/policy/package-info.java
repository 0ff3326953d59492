/// Allow or deny: what mesh clients may reach. Pure: no file, no socket, no clock.
@NullMarked
package io.sallyport.policy;

import org.jspecify.annotations.NullMarked;
