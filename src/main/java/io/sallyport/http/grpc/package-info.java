/// gRPC on top of HTTP/2: statuses, time-outs, length-prefixed messages, and Protocol Buffers' wire format for the few
/// messages that the gateway itself exchanges.
@NullMarked
package io.sallyport.http.grpc;

import org.jspecify.annotations.NullMarked;
