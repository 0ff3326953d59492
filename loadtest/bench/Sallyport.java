package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// @param command without its arguments
/// @param bare without access log; its metrics stay on
record Sallyport(String name, List<String> command, boolean bare) implements Peer {
    @Override
    public String version() throws IOException, InterruptedException {
        return command.size() == 1 ? "native image" : "JDK " + System.getProperty("java.version");
    }

    @Override
    public boolean runsAll() {
        return !bare;
    }

    @Override
    public boolean warmsUp() {
        return command.size() > 1;
    }

    @Override
    public Start prepare(Site site, Ports ports) throws IOException {
        Path directory = site.work().resolve(name);
        Path file = site.write("gateway.yaml", name + "/config/gateway.yaml", ports, Map.of());
        String routes = IntStream.range(0, Site.ROUTES)
                .mapToObj(i -> "    - {match: [{uri: {prefix: /r" + i
                        + "/}}], route: [{destination: {host: origin.example, port: {number: 80}}}]}\n")
                .collect(Collectors.joining());
        Files.writeString(file, Files.readString(file) + routes);
        Path secret = Files.createDirectories(directory.resolve("secrets/bench"));
        Files.copy(site.chain(), secret.resolve("tls.crt"));
        Files.copy(site.key(), secret.resolve("tls.key"));
        Map<String, String> environment = new HashMap<>(Map.of(
                "SALLYPORT_CONFIG_DIR", directory.resolve("config").toString(),
                "SALLYPORT_SECRETS_DIR", directory.resolve("secrets").toString(),
                "SALLYPORT_ADMIN_PORT", "0",
                "SALLYPORT_HEALTH_PORT", "" + ports.spare(),
                "SALLYPORT_EVENT_LOOPS", "1",
                "SALLYPORT_LIMITS_CONNECTIONS", "30000"));
        if (bare) {
            environment.put("SALLYPORT_ACCESS_LOG_ENABLED", "false");
        }
        List<String> serve = new ArrayList<>(command);
        serve.add("serve");
        return new Start(List.of(serve), environment, ports);
    }
}
