package io.sallyport.call;

import io.sallyport.http.Headers;

/// A whole response to one of the gateway's own requests.
///
/// @param status 200 to 999
/// @param headers without hop-by-hop fields
public record HttpAnswer(int status, Headers headers, byte[] body) {}
