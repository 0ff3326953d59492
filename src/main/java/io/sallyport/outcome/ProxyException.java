package io.sallyport.outcome;

import org.jspecify.annotations.Nullable;

/// The one error of the request path. It has no stack trace: it is an answer, not a defect, and must cost next to
/// nothing.
public final class ProxyException extends Exception {
    private static final long serialVersionUID = 1;

    /// Whose doing the error is.
    public enum Source {
        DOWNSTREAM,
        GATEWAY,
        UPSTREAM
    }

    private final ResponseFlag flag;
    private final int status;
    private final String details;
    private final Source source;
    private final boolean retryable;
    private final @Nullable String explanation;

    /// @param status of the local reply, 400 to 599
    /// @param details the reason in snake_case for the access log's `response_code_details`; never from a peer's
    ///     bytes
    /// @param retryable true if no byte of the request can have been processed by the endpoint
    public ProxyException(
            ResponseFlag flag,
            int status,
            String details,
            Source source,
            boolean retryable,
            @Nullable Throwable cause) {
        this(flag, status, details, source, retryable, cause, null);
    }

    private ProxyException(
            ResponseFlag flag,
            int status,
            String details,
            Source source,
            boolean retryable,
            @Nullable Throwable cause,
            @Nullable String explanation) {
        super(details, cause, false, false);
        this.flag = flag;
        this.status = status;
        this.details = details;
        this.source = source;
        this.retryable = retryable;
        this.explanation = explanation;
    }

    public static ProxyException upstream(ResponseFlag flag, String details, boolean retryable) {
        return new ProxyException(flag, flag.status(), details, Source.UPSTREAM, retryable, null);
    }

    public static ProxyException gateway(ResponseFlag flag, String details) {
        return new ProxyException(flag, flag.status(), details, Source.GATEWAY, false, null);
    }

    public static ProxyException downstream(ResponseFlag flag, int status, String details) {
        return new ProxyException(flag, status, details, Source.DOWNSTREAM, false, null);
    }

    /// 403 by policy.
    ///
    /// @param explanation what the client reads: what was denied and how to allow it
    public static ProxyException denied(String details, String explanation) {
        return new ProxyException(
                ResponseFlag.RBAC, ResponseFlag.RBAC.status(), details, Source.GATEWAY, false, null, explanation);
    }

    public ResponseFlag flag() {
        return flag;
    }

    public int status() {
        return status;
    }

    public String details() {
        return details;
    }

    public Source source() {
        return source;
    }

    public boolean retryable() {
        return retryable;
    }

    /// The local reply's body where it says more than its flag's sentence; else null.
    public @Nullable String explanation() {
        return explanation;
    }
}
