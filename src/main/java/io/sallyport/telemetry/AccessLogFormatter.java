package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;

/// Writes one request as one line.
sealed interface AccessLogFormatter permits IstioTextFormat, IstioJsonFormat, OperatorFormat {
    /// Longer texts are cut: a whole request target fits, a header of 60 KiB need not be in the log.
    int LONGEST_TEXT = 8 * 1024;

    void format(RequestFacts facts, LineBuffer out);
}
