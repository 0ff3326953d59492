import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/// A configuration that is edited at random, a part of it with faults, and what may be answered meanwhile.
final class FaultyDirectory {
    static final String DENIED = "denied.example";
    private static final String TICKER = "ticker.example";

    private static final int HOSTS = 40;
    private static final int FILES = 8;
    private static final int PERCENT_FAULTY = 20;

    /// Faults of a resource: the first becomes the second.
    private static final List<Map.Entry<String, String>> FAULTS = List.of(
            Map.entry("spec:", "spek: {}\nspec:"),
            Map.entry("spec:", "spec: 7\nspek:"),
            Map.entry("gateways: [edge]", "gateways: [missing]"),
            Map.entry("timeout: 15s", "timeout: soon"),
            Map.entry("even.internal", "nowhere.internal"),
            Map.entry("http:", "http: 7\n  htp:"),
            Map.entry("match: [{uri: {prefix: /}}]", "match: [{uri: {regex: '('}}]"));

    /// Faults of a file, at its end.
    private static final List<String> BROKEN =
            List.of("kind: [broken\n", "a: *nothing\n", "kind: Gateway\nmetadata: {name: 7 }\n", "\u0007\n");

    /// A host whose VirtualService has a version, which its answers carry. Of each version the number says which upstream
    /// it goes to.
    static final class Host {
        private final String name;
        private int version;
        private String text;
        private final AtomicInteger applied = new AtomicInteger();
        private final AtomicInteger written = new AtomicInteger();

        private Host(String name) {
            this.name = name;
            renew();
            applied.set(version);
        }

        String name() {
            return name;
        }

        /// The version that is in force already.
        int least() {
            return applied.get();
        }

        /// The newest that may be answered.
        int most() {
            return written.get();
        }

        private void renew() {
            version++;
            written.set(version);
            text = route(name, version, side(version));
        }

        /// To a version that is not to be served.
        private void spoil() {
            int before = written.get();
            renew();
            written.set(before);
        }

        private void spoil(Map.Entry<String, String> fault) {
            spoil();
            text = text.replace("odd.internal", "even.internal").replace(fault.getKey(), fault.getValue());
        }
    }

    private final Path config;
    private final Path next;
    private final Random random;
    private final List<Host> hosts = new ArrayList<>();
    private final Host ticker = new Host(TICKER);
    private int policy;
    private int faults;

    /// @param even port of the upstream of even versions
    FaultyDirectory(Path work, int even, int odd, long seed) throws IOException {
        config = Files.createDirectories(work.resolve("config"));
        next = work.resolve("next.yaml");
        random = new Random(seed);
        for (int i = 0; i < HOSTS; i++) {
            hosts.add(new Host("h" + i + ".example"));
        }
        hosts.add(new Host(ServerCertificate.HOST));
        put("edge.yaml", gateway() + service("even", even) + service("odd", odd));
        put("policy.yaml", policy());
        put("ticker.yaml", ticker.text);
        for (int file = 0; file < FILES; file++) {
            write(file, "");
        }
    }

    static String side(int version) {
        return version % 2 == 0 ? "even" : "odd";
    }

    /// The last one is served over TLS as well.
    List<Host> hosts() {
        return hosts;
    }

    /// Edits with a fault so far.
    int faults() {
        return faults;
    }

    /// One edit: each host of a file gets a new version, unless it gets a fault, and perhaps the file or the policy gets one.
    ///
    /// @return hosts of which the first has to answer its new version soon, and then the others are in force as well
    List<Host> edit() throws IOException {
        int file = random.nextInt(FILES);
        boolean faulty = random.nextInt(100) < PERCENT_FAULTY;
        int kind = faulty ? random.nextInt(6) : -1;
        boolean broken = kind == 0;
        List<Host> ofFile = new ArrayList<>();
        for (int i = file; i < hosts.size(); i += FILES) {
            ofFile.add(hosts.get(i));
        }
        Host victim = kind > 1 ? ofFile.get(random.nextInt(ofFile.size())) : null;
        for (Host host : ofFile) {
            if (broken) {
                host.spoil();
            } else if (host == victim) {
                host.spoil(FAULTS.get(random.nextInt(FAULTS.size())));
            } else {
                host.renew();
            }
        }
        if (kind == 1 || random.nextInt(5) == 0) {
            put("policy.yaml", kind == 1 ? policy().replace("spec:", "spek: {}\nspec:") : policy());
        }
        write(file, broken ? BROKEN.get(random.nextInt(BROKEN.size())) : "");
        faults += faulty ? 1 : 0;
        if (broken) {
            // Nothing of the file is new: something else has to be.
            ticker.renew();
            put("ticker.yaml", ticker.text);
            return List.of(ticker);
        }
        List<Host> first = new ArrayList<>(ofFile);
        first.sort(Comparator.comparing(host -> host == victim));
        return first;
    }

    /// One of them has answered its new version.
    static void inForce(List<Host> ofFile) {
        ofFile.forEach(host -> host.applied.set(host.written.get()));
    }

    private void write(int file, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = file; i < hosts.size(); i += FILES) {
            text.append(hosts.get(i).text);
        }
        put("f" + file + ".yaml", text + end);
    }

    private void put(String name, String text) throws IOException {
        Files.writeString(next, text);
        Files.move(next, config.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String gateway() {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 80, name: http, protocol: HTTP}
                    hosts: ["*"]
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: ["*.example"]
                    tls: {mode: SIMPLE, credentialName: edge}
                ---
                """
                + answer("wide", "*.example", 500)
                + answer("denied", DENIED, 200);
    }

    private static String answer(String name, String host, int status) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: ["%s"]
                  gateways: [edge]
                  http: [{directResponse: {status: %d}}]
                ---
                """.formatted(name, host, status);
    }

    private static String service(String name, int port) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: %s}
                spec:
                  hosts: [%s.internal]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP}]
                  endpoints: [{address: 127.0.0.1, ports: {http: %d}}]
                ---
                """.formatted(name, name, port);
    }

    private static String route(String host, int version, String service) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: [%s]
                  gateways: [edge]
                  http:
                  - match: [{uri: {prefix: /}}]
                    timeout: 15s
                    route: [{destination: {host: %s.internal, port: {number: 80}}}]
                    headers: {response: {set: {x-version: '%d'}}}
                ---
                """.formatted(host.replace('.', '-'), host, service, version);
    }

    /// Each denies that host.
    private String policy() {
        return """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: who}
                spec:
                  action: DENY
                  rules: [{to: [{operation: {hosts: [%s, x%d.example]}}]}]
                """.formatted(DENIED, policy++);
    }
}
