package bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Caddy with its access log.
///
/// @param program its path, or its name on PATH
record Caddy(String name, String program) implements Peer {
    @Override
    public String version() throws IOException, InterruptedException {
        return "caddy/" + Peer.ask(program, "version");
    }

    @Override
    public Field field() {
        return Field.EQUAL;
    }

    @Override
    public Start prepare(Site site, Ports ports) throws IOException {
        String routes = IntStream.range(0, Site.ROUTES)
                .mapToObj(i -> "    handle /r" + i + "/* {\n        import origin\n    }")
                .collect(Collectors.joining("\n"));
        String file = site.write("Caddyfile", name + "/Caddyfile", ports, Map.of("HANDLES", routes)).toString();
        return new Start(
                List.of(List.of(program, "run", "--adapter", "caddyfile", "--config", file)),
                Map.of("XDG_DATA_HOME", site.work().toString(), "XDG_CONFIG_HOME", site.work().toString()),
                ports);
    }
}
