/// YAML text to a bounded node tree in which every node knows its place, and the cursors that read it.
@NullMarked
package io.sallyport.config.yaml;

import org.jspecify.annotations.NullMarked;
