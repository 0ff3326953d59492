package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SallyportTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "serve, true",
        "demo, true",
        "validate config, false",
        "explain config --url http://demo/, false",
        "validate serve, false",
        "--help, false",
        "serve --help, false",
        "--version, false",
        "unknown, false",
    })
    void onlyServingCommandsOpenTheHealthPort(String command, boolean serves) {
        assertThat(Sallyport.serves(List.of(command.split(" ")))).isEqualTo(serves);
    }
}
