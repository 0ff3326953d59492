package io.sallyport.jwt;

/// A token that is not accepted. It has no stack trace: it is an answer, not a defect.
public final class TokenException extends Exception {
    private static final long serialVersionUID = 1;

    private final TokenFault fault;

    TokenException(TokenFault fault) {
        super(fault.text(), null, false, false);
        this.fault = fault;
    }

    public TokenFault fault() {
        return fault;
    }
}
