package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// HAProxy with its access log.
///
/// @param program its path, or its name on PATH
record HaProxy(String name, String program) implements Peer {
    @Override
    public String version() throws IOException, InterruptedException {
        return Peer.ask(program, "-v").replaceAll("HAProxy version (\\S+).*", "haproxy/$1");
    }

    @Override
    public boolean runsAll() {
        return true;
    }

    @Override
    public Start prepare(Site site, Ports ports) throws IOException {
        Files.writeString(site.work().resolve("haproxy.pem"), Files.readString(site.chain()) + Files.readString(site.key()));
        Files.writeString(
                site.work().resolve("haproxy.map"),
                IntStream.range(0, Site.ROUTES).mapToObj(i -> "/r" + i + "/ origin").collect(Collectors.joining("\n")));
        Map<String, String> log = Map.of("LOG", "log global\n    option httplog");
        String file = site.write("haproxy.cfg", name + "/haproxy.cfg", ports, log).toString();
        return new Start(List.of(List.of(program, "-db", "-f", file)), Map.of(), ports);
    }
}
