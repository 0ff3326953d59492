package io.sallyport.http;

/// A request that the gateway sent to an endpoint. Made by [ClientConnection#open], which writes its head.
public interface ClientStream extends HttpStream {
    ClientConnection connection();
}
