/// The egress list for operators: what `sallyport egress` and `GET /egress` show.
@NullMarked
package io.sallyport.explain.egress;

import org.jspecify.annotations.NullMarked;
