package bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// @param program its path, or its name on PATH
/// @param log whether it writes an access log
record Nginx(String name, String program, boolean log) implements Peer {
    @Override
    public String version() throws IOException, InterruptedException {
        return Peer.ask(program, "-v").replace("nginx version: ", "");
    }

    @Override
    public boolean runsAll() {
        return log;
    }

    @Override
    public Start prepare(Site site, Ports ports) throws IOException {
        String directory = site.work().resolve(name).toString();
        String locations = IntStream.range(0, Site.ROUTES)
                .mapToObj(i -> "        location /r" + i + "/ { proxy_pass http://origin; }")
                .collect(Collectors.joining("\n"));
        String file = site.write(
                        "nginx.conf",
                        name + "/nginx.conf",
                        ports,
                        Map.of("LOG", log ? directory + "/access.log" : "off", "LOCATIONS", locations))
                .toString();
        return new Start(List.of(List.of(program, "-p", directory, "-c", file)), Map.of(), ports);
    }
}
