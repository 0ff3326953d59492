package io.sallyport.http;

/// The head of a response, the same for HTTP/1.1 and HTTP/2.
///
/// As with [RequestHead], framing and hop-by-hop fields are taken out by the decoder and put in by the encoder;
/// `content-length`, where sent, stays among the headers.
public final class ResponseHead {
    /// 100 to 999: those above 599 mean nothing to the gateway (RFC 9110, 15), and pass as at Envoy.
    public int status;
    public Headers headers;

    public ResponseHead(int status, Headers headers) {
        this.status = status;
        this.headers = headers;
    }

    @Override
    public String toString() {
        return status + "\n" + headers;
    }
}
