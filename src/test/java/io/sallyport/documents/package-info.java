/// The documents: what they link to, and the commands in them.
@NullMarked
package io.sallyport.documents;

import org.jspecify.annotations.NullMarked;
