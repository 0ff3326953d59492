/// The egress list for operators: what `sallyport egress` and `GET /egress` show.
@NullMarked
package io.sallyport.cli.egress;

import org.jspecify.annotations.NullMarked;
