package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.HttpLimits;
import io.sallyport.http.h2.Frames;
import io.sallyport.http.h2.SentFrame;
import io.sallyport.testing.RawClient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The same request meets the same limits in HTTP/1.1 and HTTP/2, to the byte.
@ExtendWith(LogWatch.class)
class SameLimitsTest {
    private static final int TARGET = 100;
    private static final int HEAD = 1024;
    private static final int FIELDS = 10;
    private static final String AUTHORITY = "shop.example";

    /// What a `Host` field with that name counts, and what another field does beside its name and value.
    private static final int HOST = "host".length() + AUTHORITY.length() + 4;

    private static final int AROUND = 4;

    private static Target target;

    @BeforeAll
    static void start() {
        HttpLimits defaults = HttpLimits.DEFAULT;
        target = Target.start(builder -> builder.limits(new HttpLimits(
                TARGET,
                HEAD,
                FIELDS,
                0,
                defaults.headTimeout(),
                defaults.bodyTimeout(),
                defaults.idleTimeout(),
                defaults.writeTimeout(),
                defaults.concurrentStreams(),
                defaults.streamWindowBytes(),
                defaults.connectionWindowBytes(),
                0)));
    }

    @AfterAll
    static void stop() {
        target.close();
    }

    private static Arguments row(int status, String what, String method, String path, String... fields) {
        return Arguments.of(status, what, method, path, fields);
    }

    private static String[] repeated(int count, String name, String value) {
        String[] fields = new String[2 * count];
        for (int i = 0; i < fields.length; i += 2) {
            fields[i] = name;
            fields[i + 1] = value;
        }
        return fields;
    }

    static Stream<Arguments> requests() {
        int left = HEAD - HOST - AROUND - 1;
        return Stream.of(
                row(200, "longest target", "GET", "/" + "x".repeat(TARGET - 1)),
                row(414, "target too long", "GET", "/" + "x".repeat(TARGET)),
                row(414, "query too long", "GET", "/?" + "x".repeat(TARGET)),
                row(414, "target over the head's limit", "GET", "/" + "x".repeat(HEAD + 100)),
                row(414, "target and head too long", "GET", "/" + "x".repeat(TARGET), "x", "y".repeat(HEAD)),
                row(200, "largest head", "GET", "/", "x", "y".repeat(left)),
                row(431, "head too large", "GET", "/", "x", "y".repeat(left + 1)),
                row(200, "largest head of two", "GET", "/", "x", "y".repeat(left - 6), "z", "z"),
                row(431, "head of two too large", "GET", "/", "x", "y".repeat(left - 5), "z", "z"),
                row(
                        200,
                        "longest target with the largest head",
                        "GET",
                        "/" + "x".repeat(TARGET - 1),
                        "x",
                        "y".repeat(left)),
                row(200, "most fields", "GET", "/", repeated(FIELDS - 1, "x", "y")),
                row(431, "a field too many", "GET", "/", repeated(FIELDS, "x", "y")),
                row(431, "empty fields too many", "GET", "/", repeated(FIELDS, "x", "")),
                row(200, "longest name", "GET", "/", "n".repeat(256), "y"),
                row(431, "name too long", "GET", "/", "n".repeat(257), "y"),
                row(200, "longest method", "M".repeat(64), "/"),
                row(400, "method too long", "M".repeat(65), "/"));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("requests")
    void theVerdictIsTheSame(int status, String what, String method, String path, String[] fields) throws Exception {
        assertThat(http1(method, path, fields, ": ")).as("HTTP/1.1, %s", what).isEqualTo(status);
        assertThat(http1(method, path, fields, ":"))
                .as("HTTP/1.1 without blanks")
                .isEqualTo(status);
        assertThat(http2(method, path, fields)).as("HTTP/2").isEqualTo(status);
    }

    private static int http1(String method, String path, String[] fields, String colon) throws Exception {
        StringBuilder text = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost" + colon + AUTHORITY + "\r\n");
        for (int i = 0; i < fields.length; i += 2) {
            text.append(fields[i]).append(colon).append(fields[i + 1]).append("\r\n");
        }
        try (RawClient client = target.connect()) {
            return Integer.parseInt(client.send(text + "\r\n").readHead().substring(9, 12));
        }
    }

    /// A malformed request is reset, which stands for 400.
    private static int http2(String method, String path, String[] fields) throws Exception {
        List<String> all = new ArrayList<>(Arrays.asList(H2Client.request(method, path)));
        all.addAll(Arrays.asList(fields));
        try (H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, all.toArray(String[]::new)));
            SentFrame answer = client.answer(1);
            return answer.type() == Frames.RST_STREAM && answer.errorCode() == 1
                    ? 400
                    : Integer.parseInt(answer.fields().substring(8, 11));
        }
    }
}
