package io.sallyport.workload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointSocketTest {
    @ParameterizedTest
    @CsvSource({
        "unix:///run/spire/agent.sock, unix:///run/spire/agent.sock, 0",
        "unix:/run/agent.sock, unix:///run/agent.sock, 0",
        "tcp://127.0.0.1:8000, 127.0.0.1, 8000",
        "tcp://[::1]:8000, ::1, 8000",
    })
    void aSocketIsAPathOrAnAddress(String text, String address, int port) {
        assertThat(EndpointSocket.parse(text)).isEqualTo(new EndpointSocket(address, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/run/agent.sock",
                "unix://",
                "unix:///",
                "unix:agent.sock",
                "unix://host/agent.sock",
                "unix:///agent.sock?x",
                "unix:///agent.sock#x",
                "tcp://localhost:8000",
                "tcp://127.0.0.1",
                "tcp://127.0.0.1:0",
                "tcp://127.0.0.1:65536",
                "tcp://127.0.0.1:8000/",
                "tcp://127.0.0.1:8000/foo",
                "tcp://user@127.0.0.1:8000",
                "tcp://127.0.0.1:8000?x=1",
                "http://127.0.0.1:8000",
                "UNIX:///run/agent.sock",
                "tcp://[::1",
            })
    void nothingElseIsOne(String text) {
        assertThat(EndpointSocket.parse(text)).isNull();
    }
}
