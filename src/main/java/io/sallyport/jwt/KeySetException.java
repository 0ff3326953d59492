package io.sallyport.jwt;

/// A text that is no key set, or one without a key that can verify anything.
public final class KeySetException extends Exception {
    private static final long serialVersionUID = 1;

    KeySetException(String message) {
        super(message, null, false, false);
    }
}
