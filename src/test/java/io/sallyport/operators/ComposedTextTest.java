package io.sallyport.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.format.FormatParser;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComposedTextTest {
    /// What is from elsewhere than a header field, such as the subject of a client's certificate.
    @Test
    void controlCharactersDoNotEndTheField() throws Exception {
        RequestFacts facts = Facts.forwarded();
        var format = FormatParser.headerValue("[%UPSTREAM_TRANSPORT_FAILURE_REASON%]");
        var cases = Map.of(
                "\r\nx-admin: yes",
                "[  x-admin: yes]",
                "a\0b\u001fc\u007f",
                "[a b c ]",
                "a\tb",
                "[a\tb]",
                "gr\u00fcn",
                "[gr\u00fcn]");
        cases.forEach((reason, expected) -> {
            facts.transportFailure = reason;
            byte[] value = ComposedText.of(format, facts, place -> null).toByteArray();
            assertThat(new String(value, StandardCharsets.UTF_8)).isEqualTo(expected);
        });
    }
}
