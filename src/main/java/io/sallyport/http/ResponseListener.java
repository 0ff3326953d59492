package io.sallyport.http;

/// What arrives for a request that the gateway sent.
public interface ResponseListener extends StreamListener {
    /// An interim response other than 100 (which the connection keeps to itself unless it was expected) and 101.
    void onInformational(int status, Headers headers);

    /// The response's head; `end` where no body follows. Status 101 only where the request asked for an upgrade: from
    /// then on data are raw bytes.
    void onHead(ResponseHead head, boolean end);
}
