package io.sallyport.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.snapshot.BindAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whose connection it is that comes in by a listener of all addresses.
class MissingListenersTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.5, 443, 10.0.0.5, 443, true",
        "10.0.0.5, 443, 10.0.0.6, 443, false",
        "10.0.0.5, 443, 10.0.0.5, 80, false",
        "0.0.0.0, 443, 10.0.0.5, 443, false",
        "fd00::5, 443, fd00:0:0:0:0:0:0:5, 443, true",
        "fd00::5, 443, fd00::6, 443, false",
    })
    void itIsTheOneWithItsVeryAddress(String missing, int port, String address, int to, boolean meant) {
        var listeners = MissingListeners.of(Map.of(new BindAddress(missing, port), "in use"));

        assertThat(listeners.areMeantBy(new InetSocketAddress(address, to))).isEqualTo(meant);
        assertThat(MissingListeners.NONE.areMeantBy(new InetSocketAddress(address, to)))
                .isFalse();
    }
}
