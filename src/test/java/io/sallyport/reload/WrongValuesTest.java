package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.compile.EgressOptions;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.egress.EgressMode;
import io.sallyport.reload.ConfigurationSource.Read;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// A wrong value in any field of any resource costs nobody but this resource and its users: what stands in other files
/// is served, and nothing is thrown.
class WrongValuesTest extends IsolatedReads {
    private static final List<Object> VALUES = List.of(
            "",
            " ",
            "*",
            "**",
            "*x",
            "*-x.example.com",
            "*.",
            "*.*.example.com",
            "a.*.example.com",
            ".",
            "..",
            "/",
            "/../x",
            "/a/**/b/**",
            "{**}/{*}",
            "\\1",
            "\\",
            "\\9x",
            "(",
            "[",
            "a{1000}{1000}",
            "%",
            "%REQ(",
            "%START_TIME(%",
            "%zz",
            "a b",
            "a\r\nb: c",
            "\u0000",
            "ä.example",
            "a..b",
            "-",
            "::1",
            "[::1]:80",
            "1.2.3.4/33",
            "1.2.3",
            "a.example.com:80",
            "-1",
            "99999999999999999999",
            "NaN",
            "1e9",
            "10y",
            "0s",
            "response.code >",
            "x.y.z()",
            -1,
            0,
            1,
            65_536,
            4_294_967_296L,
            0.5,
            1e308,
            true,
            List.of(),
            Map.of());

    private static final List<String> POLICIES =
            List.of("RequestAuthentication", "AuthorizationPolicy", "PeerAuthentication");

    private static final EgressOptions MESH = new EgressOptions(15_001, null, EgressMode.REGISTRY_ONLY, List.of());

    /// All values in all places take minutes: `-Dsallyport.test.all=true`.
    private static final boolean ALL = Boolean.getBoolean("sallyport.test.all");

    private static final int ONE_OF = 20;

    private final List<Object> documents = new ArrayList<>();

    WrongValuesTest() throws IOException {
        source = source(MESH);
        files.put("sound.yaml", sound());
        new Load(LoadSettings.builder().build())
                .loadAllFromString(Files.readString(Path.of("src/test/resources/config/every-field.yaml")))
                .forEach(documents::add);
        for (int i = 0; i < documents.size(); i++) {
            files.put("d" + i + ".yaml", text(documents.get(i)));
        }
    }

    private static String text(Object document) {
        return new Dump(DumpSettings.builder().build()).dumpToString(document);
    }

    private static String sound() {
        return named(Yaml.httpGateway("sound.example"), "sound")
                + route("sound.example", "sound").replace("[edge]", "[sound]");
    }

    /// A place in a document: sets its value.
    private record Place(String name, Object was, Consumer<Object> value) {}

    private static void places(String name, Object node, List<Place> places) {
        if (node instanceof Map<?, ?> map) {
            @SuppressWarnings("unchecked")
            Map<Object, Object> fields = (Map<Object, Object>) map;
            fields.forEach((key, value) -> {
                places.add(new Place(name + "." + key, value, wrong -> fields.put(key, wrong)));
                places(name + "." + key, value, places);
            });
        } else if (node instanceof List<?> list) {
            @SuppressWarnings("unchecked")
            List<Object> elements = (List<Object>) list;
            for (int i = 0; i < elements.size(); i++) {
                int at = i;
                places.add(new Place(name + "[" + i + "]", elements.get(i), wrong -> elements.set(at, wrong)));
                places(name + "[" + i + "]", elements.get(i), places);
            }
        }
    }

    @Test
    void allAreValidAtFirst() {
        assertThat(served()).contains("\"sound\"");
        assertThat(faults()).isEmpty();
    }

    static IntStream numbers() throws IOException {
        return IntStream.range(0, new WrongValuesTest().documents.size());
    }

    /// In a resource that others can do without, as at a start, when nothing was served before. Policies close
    /// what they are for.
    @ParameterizedTest
    @MethodSource("numbers")
    void aWrongValueAnywhere(int number) {
        List<Place> places = new ArrayList<>();
        places("", documents.get(number), places);
        boolean closes = POLICIES.contains(((Map<?, ?>) documents.get(number)).get("kind"));
        boolean refuses = "ConfigMap".equals(((Map<?, ?>) documents.get(number)).get("kind"));
        Random random = new Random(number);
        List<String> failures = new ArrayList<>();
        for (Place place : places) {
            for (Object value : VALUES) {
                if (!ALL && random.nextInt(ONE_OF) > 0) {
                    continue;
                }
                place.value.accept(value);
                files.put("d" + number + ".yaml", text(documents.get(number)));
                source = source(MESH);
                String served = served();
                boolean wanted = served.contains("\"sound\"")
                        || (closes && served.contains("(left out)"))
                        || (refuses && served.contains("error SAL") && !served.contains("SAL4011"));
                if (!wanted) {
                    failures.add(place.name + " = " + value + ": " + served);
                }
            }
            place.value.accept(place.was);
        }
        assertThat(failures).isEmpty();
    }

    /// What a request to the sound host meets, or why nothing is served.
    private String served() {
        try {
            Read read = serve();
            boolean failed = read.problems().stream().anyMatch(each -> each.code() == ProblemCode.NOT_COMPILED);
            return failed || read.isRefused() ? read.problems().toString() : explain(read, "http://sound.example/");
        } catch (RuntimeException e) {
            return e + " at " + Arrays.toString(e.getStackTrace());
        }
    }
}
