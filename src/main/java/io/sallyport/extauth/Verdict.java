package io.sallyport.extauth;

import io.sallyport.http.Headers;
import io.sallyport.outcome.AuthorizationOutcome;
import java.util.List;

/// What an authorizer's answer means for the request.
public sealed interface Verdict {
    Verdict UNANSWERED = new Unanswered();

    /// What metrics and the log call it.
    ///
    /// @param failOpen of the authorizer
    default AuthorizationOutcome outcome(boolean failOpen) {
        return switch (this) {
            case Allowed _ -> AuthorizationOutcome.ALLOWED;
            case Denied _ -> AuthorizationOutcome.DENIED;
            case Unanswered _ -> failOpen ? AuthorizationOutcome.FAILED_OPEN : AuthorizationOutcome.FAILED;
        };
    }

    /// @param toUpstream how the request's header is edited
    /// @param toClient how its response's header is
    record Allowed(List<HeaderEdit> toUpstream, List<HeaderEdit> toClient) implements Verdict {}

    /// The client gets this.
    record Denied(int status, Headers headers, byte[] body) implements Verdict {}

    /// There is no answer, or one that says nothing.
    record Unanswered() implements Verdict {}
}
