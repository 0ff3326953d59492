package io.sallyport.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.format.CelExpression;
import io.sallyport.format.FormatException;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The subset of CEL: what expressions say of a request, and how those that are not in it are refused.
class ExpressionValuesTest {
    private static final Map<String, String> FIELDS =
            Map.of("user-agent", "curl/8", "x-id", "a\"b", "x-n", "7", "x-empty", "");

    private static boolean holds(String source) throws FormatException {
        return holds(source, Facts.forwarded());
    }

    private static boolean holds(String source, RequestFacts facts) throws FormatException {
        CelExpression parsed = CelExpression.condition(source);
        return ExpressionValues.holds(
                parsed,
                facts,
                place -> FIELDS.get(parsed.attributes().request().get(place).toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "response.code >= 400 | false",
                "response.code >= 200 && response.code < 300 | true",
                "`response.code == 201 || request.method == 'GET'` | true",
                "response.code in [404, 200] | true",
                "response.code in [404, 500] | false",
                "!(response.code != 200) | true",
                "response.code < 200.5 | true",
                "-1 < response.code | true",
                "request.method == \"GET\" | true",
                "request.url_path == '/v1/pay' && request.query == 'id=7' | true",
                "request.path.startsWith('/v1') | true",
                "request.path.endsWith('7') && !request.path.endsWith('8') | true",
                "request.url_path.contains('v1beta3') | false",
                "request.path.matches('^/v[0-9]+/') | true",
                "request.path.matches('^v') | false",
                "size(request.method) == 3 && request.method.size() == 3 | true",
                "has(request.useragent) | true",
                "has(request.referer) | false",
                "request.headers['x-id'] == 'a\"b' | true",
                "request.headers['X-ID'] == \"a\\\"b\" | true",
                "has(request.headers.x_n) | false",
                "'x-n' in request.headers | true",
                "'x-none' in request.headers | false",
                "'x-none' in ['a', 'x-none'] | true",
                "'a' == 'a' | true",
                "connection.mtls | false",
                "!connection.mtls == true | true",
                "true && !false | true",
                "((((true)))) | true",
                "xds.cluster_name.contains('pay') | true",
                "string(response.code) == '200' | true",
                "string(response.code).startsWith('2') | true",
                "string(true) == 'true' && string('a') == 'a' | true",
                "response.code == 200 ? true : false | true",
                "response.code == 404 ? true : response.code == 200 ? true : false | true",
                "(response.code == 200 ? 'a' : 'b') == 'a' | true",
                "`(false ? 1 : 2) == 2 && (true || false ? 1 : 2) == 1` | true",
                // What is not there is an error, which is no; and decides nothing that is decided without it.
                "request.referer == 'a' | false",
                "request.referer != 'a' | false",
                "!(request.referer == 'a') | false",
                "`request.referer == 'a' || true` | true",
                "`true || request.referer == 'a'` | true",
                "request.referer == 'a' && false | false",
                "!(request.referer == 'a' && false) | true",
                "request.referer.startsWith('a') | false",
                "`!has(request.referer) || !request.referer.startsWith('Amazon')` | true",
                "request.referer in ['a'] | false",
                "!(request.method in ['PUT', request.referer]) | false",
                "size(request.referer) == 0 | false",
                "response.grpc_status == 0 | false",
                "request.referer == 'a' ? true : true | false",
                "true ? true : request.referer == 'a' | true",
                "string(request.referer) == '' | false",
            })
    void expressionsAreEvaluated(String source, boolean expected) throws FormatException {
        assertThat(holds(source)).isEqualTo(expected);
    }

    /// As Envoy has it: these are there, if without text, and so is a field that was sent empty.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "request.query == '' | true",
                "!request.query.contains('debug') | true",
                "has(request.query) | true",
                "connection.requested_server_name == '' | true",
                "upstream.transport_failure_reason == '' | true",
                "request.headers['x-empty'] == '' | true",
                "'x-empty' in request.headers | true",
                "size(request.headers['x-empty']) == 0 | true",
                "request.referer == '' | false",
                "has(request.referer) | false",
                "connection.tls_version == '' | false",
            })
    void whatIsThereWithoutTextIsEmpty(String source, boolean expected) throws FormatException {
        RequestFacts facts = Facts.forwarded();
        facts.path = "/v1/pay";
        facts.requestedServerName = null;
        facts.transportFailure = null;
        assertThat(holds(source, facts)).isEqualTo(expected);
    }

    /// A TCP connection has no request, and what no endpoint was chosen for has no failure of one.
    @Test
    void whatIsNotThereIsNotEmpty() throws FormatException {
        assertThat(holds("request.query == ''", Facts.connection())).isFalse();
        assertThat(holds("upstream.transport_failure_reason == ''", Facts.refused()))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | column 1: the expression ends",
                "response.code | column 1: the expression is a number, where a condition is needed",
                "response.code >= '400' | column 15: a string stands where a number is needed",
                "response.code && true | column 17: a number stands where true or false is needed",
                "response.code >= 400 && | column 24: the expression ends",
                "response.code = 400 | column 15: \"=\" is not understood here",
                "response.codes == 1 | column 1: response.codes is not an attribute that is known; those are response.code,",
                "filter_state['a'] == 'b' | column 1: filter_state is not an attribute",
                "metadata.filter_metadata['a'] == 'b' | column 1: metadata.filter_metadata is not an attribute",
                "request.time < 1 | column 1: request.time is not an attribute",
                "request.headers == 'a' | column 17: [ is needed before",
                "request.headers[request.id] == 'a' | column 17: the name of a field is needed",
                "request.headers['a b'] == 'a' | column 17: \"a b\" is not the name of a field",
                "request.headers['a%b'] == 'a' | column 17: \"a%b\" is not the name of a field",
                "request.headers['a)%b'] == 'a' | column 17: \"a)%b\" is not the name of a field",
                "'a' in request.path | column 8: request.path is no map",
                "request.path.lowerAscii() == 'a' | column 14: lowerAscii is no function",
                "request.path.matches(request.host) | column 22: matches takes a literal",
                "request.path.matches('[') | column 22: not a regular expression (RE2)",
                "response.code ? true : false | column 1: a number stands where true or false is needed",
                "true ? 'a' : 1 | column 13: a number stands where a string is needed",
                "true ? true | column 12: : is missing at the end",
                "true ? : false | column 8: \":\" is not understood here",
                "string() == '' | column 8: \")\" is not understood here",
                "request.path.string() == '' | column 14: string is no function",
                "response.code + 1 == 2 | column 15: \"+\" is not understood here",
                "[1, 2].exists(x, x == 1) | column 1: \"[\" is not understood here",
                "has('a') | column 5: has takes an attribute",
                "has(request.path | column 17: ) is missing at the end",
                "'a | column 1: the string does not end",
                "'\\x41' == 'A' | column 2: \\x is not known in strings",
                "response.code == 0x10 | column 18: 0x10 is not a number",
                "response.code == 1u | column 18: 1u is not a number",
                "response.code == 99999999999999999999 | column 18: 99999999999999999999 is not a number",
                "connection.mtls < true | column 17: true and false have no order",
                "response.code in [] | column 19: \"]\" is not understood here",
                "true true | column 6: \"t\" is not understood here",
            })
    void whatIsNotInTheSubsetIsRefusedWithItsColumn(String source, String message) {
        assertThatThrownBy(() -> CelExpression.condition(source))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void depthAndLengthAreBounded() {
        for (String source : new String[] {
            "(".repeat(5000) + "true",
            "!".repeat(5000) + "true",
            "true ? true : ".repeat(500) + "true",
            "x".repeat(9000)
        }) {
            assertThatThrownBy(() -> CelExpression.condition(source)).isInstanceOf(FormatException.class);
        }
    }
}
