package bench;

import bench.Sallyport.Variant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// @param rounds that are counted
/// @param seconds of each turn
/// @param crowd whether ten thousand idle connections are tried
/// @param results directory of the report
record Options(int rounds, int seconds, List<Load> loads, List<Peer> peers, boolean crowd, Path results) {
    static final String JVM = "sallyport-jvm";
    static final String JVM_BARE = "sallyport-jvm-bare";
    static final String JVM_POLICIES = "sallyport-jvm-policies";
    static final String JVM_TOKENS = "sallyport-jvm-tokens";
    static final String JVM_FORMAT = "sallyport-jvm-format";
    static final String JVM_TRACES = "sallyport-jvm-traces";
    static final String NATIVE = "sallyport-native";
    static final String NATIVE_BARE = "sallyport-native-bare";
    static final String NATIVE_POLICIES = "sallyport-native-policies";
    static final String NATIVE_TOKENS = "sallyport-native-tokens";
    static final String NATIVE_FORMAT = "sallyport-native-format";
    static final String NATIVE_TRACES = "sallyport-native-traces";
    static final String NGINX = "nginx";
    static final String NGINX_LEAN = "nginx-lean";
    static final String HAPROXY = "haproxy";
    static final String HAPROXY_LEAN = "haproxy-lean";
    static final String CADDY = "caddy";
    static final String SPRING = "spring-cloud-gateway";

    private static final List<String> PROGRAMS = List.of(NGINX, HAPROXY, CADDY);

    /// @param args `key=value` each: rounds, seconds, loads and peers (names, separated by commas), crowd, results;
    ///     nginx, haproxy, caddy (paths of programs that are not on PATH)
    static Options parse(String[] args) {
        int rounds = 3;
        int seconds = 3;
        List<Load> loads = List.of(Load.values());
        Map<String, String> programs = new HashMap<>();
        PROGRAMS.forEach(name -> programs.put(name, name));
        List<String> chosen = null;
        boolean crowd = true;
        Path results = Path.of("loadtest", "results");
        for (String arg : args) {
            String value = arg.substring(arg.indexOf('=') + 1);
            List<String> values = Arrays.asList(value.split(","));
            switch (arg.substring(0, Math.max(0, arg.indexOf('=')))) {
                case "rounds" -> rounds = Integer.parseInt(value);
                case "seconds" -> seconds = Integer.parseInt(value);
                case "loads" -> loads = values.stream().map(v -> Load.valueOf(v.toUpperCase(Locale.ROOT))).toList();
                case "peers" -> chosen = values;
                case NGINX, HAPROXY, CADDY -> programs.put(arg.substring(0, arg.indexOf('=')), program(value));
                case "crowd" -> crowd = Boolean.parseBoolean(value);
                case "results" -> results = Path.of(value);
                default -> throw new IllegalArgumentException(
                        arg + ": rounds, seconds, loads, peers, crowd, results, nginx, haproxy or caddy");
            }
        }
        List<Peer> peers = available(programs);
        if (chosen != null) {
            List<String> names = chosen;
            peers = peers.stream().filter(peer -> names.contains(peer.name())).toList();
        }
        return new Options(rounds, seconds, loads, peers, crowd, results);
    }

    /// Those whose program is there; bench.sh has said what is missing.
    private static List<Peer> available(Map<String, String> programs) {
        List<Peer> peers = new ArrayList<>();
        peers.add(new Nginx(NGINX, programs.get(NGINX), Peer.Field.EQUAL));
        Path jar = Path.of("target", "quarkus-app", "quarkus-run.jar");
        List<String> java = new ArrayList<>(List.of(
                Peer.java(), "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        java.addAll(Arrays.stream(System.getenv().getOrDefault("JAVA_FLAGS", "").split(" ")).filter(f -> !f.isBlank()).toList());
        java.addAll(List.of("-jar", jar.toString()));
        peers.add(new Sallyport(JVM, java, Variant.FULL));
        nativeImage().ifPresent(image -> peers.add(new Sallyport(NATIVE, List.of(image), Variant.FULL)));
        peers.add(new HaProxy(HAPROXY, programs.get(HAPROXY), Peer.Field.EQUAL));
        if (programs.get(CADDY).contains("/") || Tool.isOnPath(CADDY)) {
            peers.add(new Caddy(CADDY, programs.get(CADDY)));
        }
        peers.add(new Nginx(NGINX_LEAN, programs.get(NGINX), Peer.Field.LEAN));
        peers.add(new Sallyport(JVM_BARE, java, Variant.BARE));
        nativeImage().ifPresent(image -> peers.add(new Sallyport(NATIVE_BARE, List.of(image), Variant.BARE)));
        peers.add(new HaProxy(HAPROXY_LEAN, programs.get(HAPROXY), Peer.Field.LEAN));
        peers.add(new Sallyport(JVM_POLICIES, java, Variant.POLICIES));
        peers.add(new Sallyport(JVM_TOKENS, java, Variant.TOKENS));
        peers.add(new Sallyport(JVM_FORMAT, java, Variant.FORMAT));
        addTraces(peers, JVM_TRACES, java);
        nativeImage().map(List::of).ifPresent(image -> {
            peers.add(new Sallyport(NATIVE_POLICIES, image, Variant.POLICIES));
            peers.add(new Sallyport(NATIVE_TOKENS, image, Variant.TOKENS));
            peers.add(new Sallyport(NATIVE_FORMAT, image, Variant.FORMAT));
            addTraces(peers, NATIVE_TRACES, image);
        });
        Path spring = Site.TEMPLATES.resolve("spring");
        if (Files.isDirectory(spring.resolve("target/lib"))) {
            peers.add(new Spring(SPRING, spring));
        }
        return peers;
    }

    /// By the percentage of requests that are sampled.
    private static void addTraces(List<Peer> peers, String name, List<String> command) {
        peers.add(new Sallyport(name + "-0", command, Variant.TRACES_0));
        peers.add(new Sallyport(name + "-1", command, Variant.TRACES_1));
        peers.add(new Sallyport(name + "-100", command, Variant.TRACES_100));
    }

    /// Peers are started from other directories than this one.
    private static String program(String path) {
        Path program = Path.of(path).toAbsolutePath();
        if (!Files.isExecutable(program)) {
            throw new IllegalArgumentException(path + ": there is no such program");
        }
        return program.toString();
    }

    private static Optional<String> nativeImage() {
        String[] names = Path.of("target").toFile().list((directory, name) -> name.endsWith("-runner"));
        return names == null || names.length == 0
                ? Optional.empty()
                : Optional.of(Path.of("target", names[0]).toString());
    }
}
