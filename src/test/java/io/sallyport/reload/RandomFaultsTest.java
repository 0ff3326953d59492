package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.compile.CompileOptions;
import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.LoadResult;
import io.sallyport.config.SourceFile;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.source.Changes;
import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.reload.ConfigurationSource.OnError;
import io.sallyport.reload.ConfigurationSource.Read;
import io.sallyport.testing.Yaml;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random edits of a directory, some of them faulty, in random order: every host is answered as its own last
/// valid route and its own last valid policy say, whatever is wrong with others, not as a wider host does, and
/// nothing is allowed that both the policy before and the one that is meant deny.
class RandomFaultsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ExplainedRequest.Client CLIENT = new ExplainedRequest.Client(null, null, "127.0.0.1");
    private static final int HOSTS = 6;
    private static final int FILES = 4;
    private static final int STEPS = 150;

    /// Faults of a resource, each known by its name: `from` becomes `to`.
    private static final List<Map.Entry<String, String>> FAULTS = List.of(
            Map.entry("spec:", "spek: {}\nspec:"),
            Map.entry("spec:", "spec: 7\nspek:"),
            Map.entry("spec:\n", "spec:\n  wrong: 1\n"));

    /// The one after which nobody can say what a route is for.
    private static final int HOSTS_UNKNOWN = 1;

    private final List<Item> items = new ArrayList<>();
    private final boolean[] broken = new boolean[FILES];
    private final ConfigurationSource source = new ConfigurationSource(
            this::load,
            new AnalysisOptions(InstanceScope.defaults(), Map.of(), Map.of(), SecretLookup.UNCHECKED),
            CompileOptions.defaults(),
            Clock.fixed(NOW, ZoneOffset.UTC),
            OnError.ISOLATE);
    private int version;

    /// A route or a policy of one host.
    private static final class Item {
        private final int host;
        private final boolean policy;
        private final int file;
        private boolean there;
        private String text = "";
        /// What it is meant to say.
        private String meant = "";
        private int fault = -1;
        /// What the gateway should have of it; null for nothing.
        private String served;

        Item(int host, boolean policy, int file) {
            this.host = host;
            this.policy = policy;
            this.file = file;
        }

        String host() {
            return "h" + host + ".example";
        }

        String yaml() {
            return fault < 0
                    ? text
                    : text.replaceFirst(
                            FAULTS.get(fault).getKey(), FAULTS.get(fault).getValue());
        }

        /// What another host's route says where this one has none.
        String otherwise() {
            return there && fault != HOSTS_UNKNOWN ? "404" : "\"any\"";
        }

        boolean isLeftOut() {
            return policy && there && served == null;
        }
    }

    private LoadResult load(Changes changes) {
        List<SourceFile> files = new ArrayList<>();
        String any = Yaml.virtualService("*.example", "- {name: any, directResponse: {status: 200}}");
        files.add(file("edge.yaml", Yaml.httpGateway("*") + any));
        for (int i = 0; i < FILES; i++) {
            String text = text(i);
            if (!text.isEmpty()) {
                files.add(file("f" + i + ".yaml", text));
            }
        }
        return ConfigurationLoader.load("config", files, LoadOptions.DEFAULT);
    }

    private String text(int file) {
        StringBuilder text = new StringBuilder();
        items.stream().filter(item -> item.there && item.file == file).forEach(item -> text.append(item.yaml()));
        return broken[file] && !text.isEmpty() ? text + "kind: [broken\n" : text.toString();
    }

    private static SourceFile file(String name, String text) {
        return new SourceFile(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private void renew(Item item, Random random) {
        item.there = true;
        item.fault = -1;
        if (item.policy) {
            boolean denies = random.nextBoolean();
            item.meant = denies ? "deny" : "allow";
            String host = denies ? item.host() : "nobody.example";
            item.text = Yaml.security(
                    "AuthorizationPolicy",
                    "default",
                    "p" + item.host,
                    "action: DENY\nrules: [{to: [{operation: {hosts: [%s]}}]}]".formatted(host));
        } else {
            item.meant = "r" + item.host + "v" + ++version + "x";
            item.text = Yaml.virtualService(
                    item.host(), "- {name: %s, directResponse: {status: 200}}".formatted(item.meant));
        }
    }

    private void edit(Random random) {
        Item item = items.get(random.nextInt(items.size()));
        switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> renew(item, random);
            case 4, 5, 6 -> {
                renew(item, random);
                item.fault = random.nextInt(FAULTS.size());
            }
            case 7 -> item.fault = -1;
            case 8 -> item.there = false;
            default -> broken[item.file] = !broken[item.file];
        }
    }

    /// What the gateway should serve from now on.
    ///
    /// @return whether everything is to be denied
    private boolean expect() {
        boolean closed = false;
        for (Item item : items) {
            boolean illegible = broken[item.file] && !text(item.file).isEmpty();
            if (!illegible) {
                item.served = !item.there ? null : item.fault < 0 ? item.meant : item.served;
            }
            closed |= item.isLeftOut();
        }
        return closed;
    }

    private static String explain(Read read, String host) {
        return new Explainer(read.plan(), ProxySettings.DEFAULT)
                .explain(Explainer.request("http://" + host + "/", "GET", List.of(), null, null, null, CLIENT))
                .json();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13})
    void whatDoesNotDependOnFaultsAnswersAsWithoutThem(long seed) {
        Random random = new Random(seed);
        for (int host = 0; host < HOSTS; host++) {
            items.add(new Item(host, false, random.nextInt(FILES)));
            items.add(new Item(host, true, random.nextInt(FILES)));
        }
        source.applied(source.read(), 0, NOW);
        boolean[] denied = new boolean[HOSTS];
        for (int step = 1; step <= STEPS; step++) {
            for (int host = 0; host < HOSTS; host++) {
                denied[host] = "deny".equals(items.get(2 * host + 1).served);
            }
            edit(random);
            boolean closed = expect();
            Read read = source.read();
            assertThat(read.isRefused())
                    .as("step %d: %s", step, read.problems())
                    .isFalse();
            source.applied(read, step, NOW);
            for (int host = 0; host < HOSTS; host++) {
                Item route = items.get(2 * host);
                Item policy = items.get(2 * host + 1);
                String answer = explain(read, route.host());
                boolean denies = answer.contains("403");
                assertThat(denies)
                        .as("step %d, %s denied: %s", step, route.host(), answer)
                        .isEqualTo(closed || "deny".equals(policy.served));
                if (!denies) {
                    assertThat(denied[host] && policy.there && policy.meant.equals("deny"))
                            .as("step %d, %s is denied before and as meant", step, route.host())
                            .isFalse();
                    assertThat(answer)
                            .as("step %d, %s", step, route.host())
                            .contains(route.served != null ? route.served : route.otherwise());
                }
            }
        }
    }
}
