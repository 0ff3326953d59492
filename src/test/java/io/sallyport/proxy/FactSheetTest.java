package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.sallyport.format.FormatException;
import io.sallyport.format.LogPlan;
import io.sallyport.format.LogSink;
import io.sallyport.http.Headers;
import io.sallyport.outcome.LoggedFields;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is captured for the log.
class FactSheetTest {
    /// A JWT-SVID that the gateway has put into the request is nobody's to read.
    @Test
    void fieldsThatHoldTheGatewaysCredentialsAreNotCaptured() throws FormatException {
        var log = new LoggedFields(
                new LogPlan(List.of(LogSink.of(false, "%REQ(a)% %REQ(AUTHORIZATION)%", LogSink.STANDARD_OUTPUT))));
        log.withheld = List.of(AsciiString.of("authorization"), AsciiString.of("x-other"));

        FactSheet.request(
                log, new Headers().add(AsciiString.of("a"), "1").add(AsciiString.of("authorization"), "Bearer eyJ"));

        assertThat(log.logged.at(0)).isEqualTo(AsciiString.of("1"));
        assertThat(log.logged.at(1)).isNull();
    }
}
