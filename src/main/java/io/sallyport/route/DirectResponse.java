package io.sallyport.route;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Answers the request itself (`HTTPDirectResponse`).
///
/// @param status 200 to 599
/// @param body at most 1 MiB; empty for none. Not sent where the status [has none][#hasContent]. Shared by all
/// requests: never write to it.
/// @param responseHeaders changes of the answer's headers
@SuppressWarnings("ArrayRecordComponent")
public record DirectResponse(int status, byte[] body, HeaderOps responseHeaders) implements RouteAction {
    public DirectResponse(int status, byte[] body) {
        this(status, body, HeaderOps.NONE);
    }

    /// Whether a response with the status has content at all (RFC 9110, 15.2, 15.3.5, 15.3.6 and 15.4.5).
    public static boolean hasContent(int status) {
        return status >= 200 && status != 204 && status != 205 && status != 304;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DirectResponse that
                && status == that.status
                && Arrays.equals(body, that.body)
                && responseHeaders.equals(that.responseHeaders);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * status + Arrays.hashCode(body)) + responseHeaders.hashCode();
    }

    @Override
    public String toString() {
        return "DirectResponse[status=" + status + ", body=" + body.length + " bytes]";
    }
}
