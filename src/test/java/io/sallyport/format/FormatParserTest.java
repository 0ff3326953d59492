package io.sallyport.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What formats may say, and how their faults are named.
class FormatParserTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a %FOO% | column 3: %FOO% is not an operator",
                "%DYNAMIC_METADATA(a:b)% | column 1: %DYNAMIC_METADATA% has no value here",
                "%FILTER_STATE(a)% | column 1: %FILTER_STATE% has no value here",
                "100% | column 4: no operator follows",
                "%REQ(X-ID) | column 1: %REQ does not end",
                "%REQ(X-ID% | column 5: the parenthesis of %REQ is not closed",
                "%PROTOCOL | column 1: %PROTOCOL does not end",
                "%PROTOCOL(x)% | column 1: %PROTOCOL% takes nothing",
                "%REQ()% | column 1: \"\" is not a field",
                "%REQ(a?b?c)% | column 1: %REQ% takes two names",
                "%REQ(a b)% | column 1: \"a b\" is not a field",
                "%RESP(:PATH)% | column 1: \":path\" is not a field",
                "%REQ(a):0% | column 8: the longest length",
                "%START_TIME(%Q)% | column 13: %Q is not a field of time",
                "%START_TIME(%3S)% | column 13: %3S is not a field of time",
                "%ENVIRONMENT% | column 1: %ENVIRONMENT% needs a name",
                "%COMMON_DURATION(DS_RX_BEG:US_CX_BEG:ms)% | column 1: US_CX_BEG is not a moment",
                "%COMMON_DURATION(DS_RX_BEG)% | column 1: %COMMON_DURATION% needs",
                "%UPSTREAM_WIRE_BYTES_SENT% | column 1: %UPSTREAM_WIRE_BYTES_SENT% has no value here: bytes are counted",
                "%METADATA(CLUSTER:istio)% | column 1: %METADATA% has no value here",
                "%CEL(request.path)% | column 1: %CEL% has no value here",
                "%req(a)% | column 1: no operator follows",
                "%REQ(a):99999999999% | column 8: the longest length",
                "%REQ(a):-1% | column 8: the longest length",
                "%REQ(a):1 % | column 1: %REQ does not end",
                "%REQ(:protocol)% | column 1: \":protocol\" is not a field",
                "%TRAILER(:status)% | column 1: \":status\" is not a field",
                "%% %REQ(ü)% | column 4: \"ü\" is not a field",
                "%GRPC_STATUS(X)% | column 1: %GRPC_STATUS% does not know X",
            })
    void faultsAreNamedWithTheirPlace(String format, String message) {
        assertThatThrownBy(() -> LogSink.of(false, format, LogSink.STANDARD_OUTPUT))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1] | line 1, column 1: not an object",
                "{\"a\":\"%FOO%\"} | line 1, column 6: in this string, column 1: %FOO%",
                "{\"a\":1,\"a\":2} | line 1, column",
                "{\"a\": | line 1, column",
                "{} x | line 1, column",
            })
    void faultsInJsonAreNamedWithTheirPlace(String format, String message) {
        assertThatThrownBy(() -> LogSink.of(true, format, LogSink.STANDARD_OUTPUT))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void theReferenceNamesEveryOperator() throws IOException {
        String reference = Files.readString(Path.of("config/access-log.md"));
        for (Operator operator : Operator.values()) {
            assertThat(reference).contains("`" + operator);
        }
    }
}
