package bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Spring Cloud Gateway, in a process for plain text and one for TLS: it has one port.
record Spring(String name, Path directory) implements Peer {
    @Override
    public String version() {
        return "5.0.0, JDK " + System.getProperty("java.version");
    }

    @Override
    public Field field() {
        return Field.EQUAL;
    }

    @Override
    public boolean warmsUp() {
        return true;
    }

    @Override
    public Start prepare(Site site, Ports ports) {
        List<String> plain = command(site, ports.http());
        List<String> secure = command(site, ports.tls());
        secure.addAll(List.of(
                "--server.ssl.enabled=true",
                "--server.ssl.certificate=file:" + site.chain(),
                "--server.ssl.certificate-private-key=file:" + site.key(),
                "--server.http2.enabled=true"));
        return new Start(
                List.of(plain, secure), Map.of(), new Ports(ports.http(), ports.tls(), ports.http(), ports.spare()));
    }

    private List<String> command(Site site, int port) {
        return new ArrayList<>(List.of(
                Peer.java(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                directory.resolve("target/classes") + ":" + directory.resolve("target/lib") + "/*",
                "peer.SpringPeer",
                "--server.address=127.0.0.1",
                "--server.port=" + port,
                "--logging.level.root=warn",
                "--spring.main.banner-mode=off",
                "--bench.origin=http://127.0.0.1:" + site.origin(),
                "--bench.routes=" + Site.ROUTES));
    }
}
