package io.sallyport.http;

/// The versions of HTTP that connections speak, with the spelling of access logs and of `Via`.
public enum HttpVersion {
    HTTP_1_0("HTTP/1.0", "1.0"),
    HTTP_1_1("HTTP/1.1", "1.1"),
    HTTP_2("HTTP/2", "2");

    private final String text;
    private final String number;

    HttpVersion(String text, String number) {
        this.text = text;
        this.number = number;
    }

    /// As the access log shows it, `HTTP/1.1`.
    public String text() {
        return text;
    }

    /// The bare number, as in `Via` (RFC 9110, 7.6.3).
    public String number() {
        return number;
    }
}
