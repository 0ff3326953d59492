package io.sallyport.format;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One operator of a format with what it was given.
///
/// @param argument what stands in parentheses, as the operator understands it; empty for nothing
/// @param places of the values that requests bring along, the first of them that is there counts; see [ParsedFormat]
/// @param span of COMMON_DURATION; null for others
/// @param time of operators of time; null for others
/// @param longest characters; 0 where it is not said
public record Command(
        Operator operator,
        String argument,
        List<Source> places,
        @Nullable Span span,
        @Nullable TimePattern time,
        int longest) {

    /// The text up to what it may be long. There is no sign of the cut, as at Envoy.
    public CharSequence cut(CharSequence text) {
        return longest > 0 && text.length() > longest ? text.subSequence(0, longest) : text;
    }

    /// Where the value of a field is found.
    ///
    /// @param place among the captured fields; meaningful for [Kind#CAPTURED] alone
    public record Source(Kind kind, int place) {}

    /// Fields that are facts anyway, and those that are captured for the log.
    public enum Kind {
        CAPTURED,
        METHOD,
        SCHEME,
        PATH,
        AUTHORITY,
        STATUS,
        SERVICE_TIME,
        ABSENT
    }

    /// `COMMON_DURATION(start:end:precision)`.
    ///
    /// @param unit nanoseconds in what it counts
    public record Span(Moment start, Moment end, long unit) {}

    /// Envoy's time points that are measured here.
    public enum Moment {
        /// The request's head has come.
        DS_RX_BEG,
        /// The request's last byte has come.
        DS_RX_END,
        /// The request's head has been sent to the endpoint.
        US_TX_BEG,
        /// The request's last byte has been sent to the endpoint.
        US_TX_END,
        /// The response's head has come.
        US_RX_BEG,
        /// The last byte has been sent to the client.
        DS_TX_END
    }
}
