/// One parser for each thing that a peer writes and several rooms read: hosts, authorities, addresses and ranges, lists
/// of tokens. Pure: no sockets, no files, no clock.
@NullMarked
package io.sallyport.net;

import org.jspecify.annotations.NullMarked;
