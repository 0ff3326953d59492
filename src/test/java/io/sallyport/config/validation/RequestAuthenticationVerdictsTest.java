package io.sallyport.config.validation;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RequestAuthenticationVerdictsTest {
    static List<VerdictRow> rows() throws IOException {
        return VerdictRow.read("RequestAuthentication", "request-authentication.txt");
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isIstiosVerdict(VerdictRow row) {
        row.check();
    }
}
