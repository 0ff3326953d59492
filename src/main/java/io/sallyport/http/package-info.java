/// Wire formats: header fields, message heads, and the streams that HTTP/1.1 and HTTP/2 connections carry.
///
/// Both versions, on both sides of the gateway, speak through [HttpStream] and [StreamListener], so that the proxy
/// relays any combination of them with one piece of code. Nothing here knows a route, a cluster or a policy.
@NullMarked
package io.sallyport.http;

import org.jspecify.annotations.NullMarked;
