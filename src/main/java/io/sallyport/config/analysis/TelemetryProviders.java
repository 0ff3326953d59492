package io.sallyport.config.analysis;

import io.sallyport.config.index.TelemetryIndex;
import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.model.Telemetry;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Telemetries against the providers and Gateways that there are, and against each other.
final class TelemetryProviders implements Analyzer {
    private static final String LOG_HINT =
            "add it to MeshConfig's extensionProviders, with envoyFileAccessLog or envoyOtelAls";

    @Override
    public void analyze(AnalysisContext context) {
        TelemetryIndex index = context.index().telemetries();
        Map<String, Telemetry> reaches = new HashMap<>();
        for (Telemetry telemetry : index.all()) {
            for (int i = 0; i < telemetry.tracing().size(); i++) {
                providers(context, telemetry, telemetry.tracing().get(i), i);
            }
            logProviders(context, telemetry);
            metricsProviders(context, telemetry);
            targets(context, telemetry);
            reach(context, telemetry, reaches);
        }
        for (int i = 0; i < index.defaultLogs().size(); i++) {
            String provider = index.defaultLogs().get(i);
            String field = "defaultProviders." + Fields.item("accessLogging", i);
            if (!index.isLog(provider)) {
                context.index().configuration().meshConfigs().stream()
                        .findFirst()
                        .ifPresent(config -> context.report(
                                ProblemCode.UNKNOWN_LOG_PROVIDER,
                                config.meta().at(),
                                field,
                                logMessage(provider),
                                context.didYouMean(provider, logs(index), LOG_HINT)));
            }
        }
        String ofMesh = index.defaultProvider();
        if (ofMesh != null && !index.providers().containsKey(ofMesh)) {
            context.index().configuration().meshConfigs().stream()
                    .findFirst()
                    .ifPresent(config -> context.report(
                            ProblemCode.UNKNOWN_TRACING_PROVIDER,
                            config.meta().at(),
                            "defaultProviders.tracing[0]",
                            Quote.of(ofMesh) + " is no provider that takes spans, so nothing is traced by default",
                            hint(context, ofMesh, index)));
        }
    }

    private static void providers(AnalysisContext context, Telemetry telemetry, Telemetry.Tracing tracing, int number) {
        TelemetryIndex index = context.index().telemetries();
        if (tracing.providers().isEmpty()) {
            return;
        }
        String provider = tracing.providers().getFirst();
        if (!index.providers().containsKey(provider)) {
            context.report(
                    ProblemCode.UNKNOWN_TRACING_PROVIDER,
                    telemetry.meta().at(),
                    "spec." + Fields.item("tracing", number) + ".providers[0].name",
                    telemetry.meta() + " sends spans to " + Quote.of(provider)
                            + ", which is no provider that takes them: what it is for is not traced",
                    hint(context, provider, index));
        }
    }

    private static void logProviders(AnalysisContext context, Telemetry telemetry) {
        TelemetryIndex index = context.index().telemetries();
        for (int i = 0; i < telemetry.accessLogging().size(); i++) {
            List<String> named = telemetry.accessLogging().get(i).providers();
            for (int j = 0; j < named.size(); j++) {
                if (!index.isLog(named.get(j))) {
                    context.report(
                            ProblemCode.UNKNOWN_LOG_PROVIDER,
                            telemetry.meta().at(),
                            "spec." + Fields.item("accessLogging", i) + "." + Fields.item("providers", j) + ".name",
                            logMessage(named.get(j)),
                            context.didYouMean(named.get(j), logs(index), LOG_HINT));
                }
            }
        }
    }

    private static void metricsProviders(AnalysisContext context, Telemetry telemetry) {
        for (int i = 0; i < telemetry.metrics().size(); i++) {
            List<String> named = telemetry.metrics().get(i).providers();
            for (int j = 0; j < named.size(); j++) {
                if (!named.get(j).equals(TelemetryIndex.PROMETHEUS)) {
                    context.report(
                            ProblemCode.UNKNOWN_METRICS_PROVIDER,
                            telemetry.meta().at(),
                            "spec." + Fields.item("metrics", i) + "." + Fields.item("providers", j) + ".name",
                            Quote.of(named.get(j)) + " gets no metrics: they are shown to Prometheus alone",
                            "name prometheus");
                }
            }
        }
    }

    private static Set<String> logs(TelemetryIndex index) {
        Set<String> names = new TreeSet<>(index.fileLogs().keySet());
        names.addAll(index.logServices().keySet());
        return names;
    }

    private static String logMessage(String provider) {
        return Quote.of(provider) + " is no provider that takes the access log: it gets none";
    }

    private static String hint(AnalysisContext context, String provider, TelemetryIndex index) {
        String otherwise = "add it to MeshConfig's extensionProviders, with opentelemetry";
        String near = context.didYouMean(provider, index.providers().keySet(), otherwise);
        return near == null ? otherwise : near;
    }

    private static void targets(AnalysisContext context, Telemetry telemetry) {
        for (int i = 0; i < telemetry.targets().size(); i++) {
            TargetRef target = telemetry.targets().get(i);
            String name = telemetry.meta().namespace() + "/" + target.name();
            String field = "spec." + Fields.item("targetRefs", i);
            if (!target.kind().equals("Gateway")) {
                context.report(
                        ProblemCode.TELEMETRY_WITHOUT_EFFECT,
                        target.at(),
                        field + ".kind",
                        "a gateway reports what comes in by Gateways: attached to a " + Quote.plain(target.kind())
                                + " it has no effect here",
                        "attach it to a Gateway, or use a selector");
            } else if (context.index().gateways().get(name) == null) {
                context.report(
                        ProblemCode.TELEMETRY_WITHOUT_EFFECT,
                        target.at(),
                        field + ".name",
                        "there is no Gateway " + Quote.of(name),
                        context.didYouMean(name, context.index().gateways().names(), null));
            }
        }
    }

    private static void reach(AnalysisContext context, Telemetry telemetry, Map<String, Telemetry> reaches) {
        List<String> targets = telemetry.targets().stream()
                .filter(target -> target.kind().equals("Gateway"))
                .map(TargetRef::name)
                .toList();
        if (targets.isEmpty() && !context.index().policies().selectsInstance(telemetry)) {
            return;
        }
        List<String> keys = targets.isEmpty() ? List.of(telemetry.selector() == null ? "all" : "selected") : targets;
        for (String key : keys) {
            Telemetry other = reaches.putIfAbsent(telemetry.meta().namespace() + " " + key, telemetry);
            if (other != null) {
                context.report(
                        ProblemCode.SHADOWED_TELEMETRY,
                        telemetry.meta().at(),
                        "metadata.name",
                        telemetry.meta() + " has no effect: " + other.meta() + " ("
                                + other.meta().at() + ") is for the same, and the first by name counts",
                        "make one of the two");
            }
        }
    }
}
