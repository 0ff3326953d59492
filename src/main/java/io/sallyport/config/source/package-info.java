/// Files as they are on disk: which there are, when they change, and their contents, never half written.
@NullMarked
package io.sallyport.config.source;

import org.jspecify.annotations.NullMarked;
