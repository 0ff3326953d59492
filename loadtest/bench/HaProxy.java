package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// @param program its path, or its name on PATH
record HaProxy(String name, String program, Field field) implements Peer {
    @Override
    public String version() throws IOException, InterruptedException {
        return Peer.ask(program, "-v").replaceAll("HAProxy version (\\S+).*", "haproxy/$1");
    }

    @Override
    public Start prepare(Site site, Ports ports) throws IOException {
        Files.writeString(site.work().resolve("haproxy.pem"), Files.readString(site.chain()) + Files.readString(site.key()));
        Files.writeString(
                site.work().resolve("haproxy.map"),
                IntStream.range(0, Site.ROUTES).mapToObj(i -> "/r" + i + "/ origin").collect(Collectors.joining("\n")));
        boolean lean = field == Field.LEAN;
        Map<String, String> values = Map.of(
                "LOG", lean ? "" : "log global\n    option httplog",
                "FORWARDED_FOR", lean ? "" : "option forwardfor",
                "HEADERS_HTTP", lean ? "" : headers("http"),
                "HEADERS_HTTPS", lean ? "" : headers("https"));
        String file = site.write("haproxy.cfg", name + "/haproxy.cfg", ports, values).toString();
        return new Start(List.of(List.of(program, "-db", "-f", file)), Map.of(), ports);
    }

    private static String headers(String scheme) {
        return """
                unique-id-format %[uuid()]
                    unique-id-header X-Request-Id
                    http-request set-header X-Forwarded-Proto\s""" + scheme;
    }
}
