package bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// @param program its path, or its name on PATH
record Nginx(String name, String program, Field field) implements Peer {
    private static final String HEADERS = """
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header X-Request-Id $request_id;""";

    @Override
    public String version() throws IOException, InterruptedException {
        return Peer.ask(program, "-v").replace("nginx version: ", "");
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
                        Map.of(
                                "LOG", field == Field.LEAN ? "off" : directory + "/access.log",
                                "HEADERS", field == Field.LEAN ? "" : HEADERS,
                                "LOCATIONS", locations))
                .toString();
        return new Start(List.of(List.of(program, "-p", directory, "-c", file)), Map.of(), ports);
    }
}
