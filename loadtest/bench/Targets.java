package bench;

/// The project's own targets that one run can judge: ratios within it, and figures of the native process.
final class Targets {
    private final Results results;

    Targets(Results results) {
        this.results = results;
    }

    void append(StringBuilder text) {
        text.append("\n## Targets\n| | target | measured | |\n|---|--:|--:|---|\n");
        most(text, "CPU per small request, JVM ÷ nginx, both with access log", 1.15, ratio(Options.JVM, Load.SMALL));
        most(text, "the same, native", 1.6, ratio(Options.NATIVE, Load.SMALL));
        lean(text, Load.SMALL, 0.95, 1.25);
        lean(text, Load.BODY_16K, Double.NaN, 1.1);
        lean(text, Load.TLS_KEEP_ALIVE, 0.9, 1.25);
        lean(text, Load.HTTP2_TLS, Double.NaN, 1.15);
        lean(text, Load.TLS_HANDSHAKES, Double.NaN, 1.1);
        most(text, "p99 at saturation, small, lean, JVM ÷ nginx", 1.3,
                results.p99(Options.JVM_BARE, Load.SMALL) / results.p99(Options.NGINX_LEAN, Load.SMALL));
        most(text, "the same, native", 1.8,
                results.p99(Options.NATIVE_BARE, Load.SMALL) / results.p99(Options.NGINX_LEAN, Load.SMALL));
        most(text, "p99 at half of our rate, lean, JVM ÷ nginx", 1.1,
                results.pacedP99(Options.JVM_BARE) / results.pacedP99(Options.NGINX_LEAN));
        most(text, "the same, native", 1.3,
                results.pacedP99(Options.NATIVE_BARE) / results.pacedP99(Options.NGINX_LEAN));
        Results.Inside inside = results.insides.get(Options.NATIVE_BARE);
        most(text, "bytes allocated for a small request, native", 500,
                inside == null ? Double.NaN : inside.allocatedBytes());
        least(text, "Spring Cloud Gateway's CPU per small request ÷ JVM", 3,
                results.cpu(Options.SPRING, Load.SMALL) / results.cpu(Options.JVM, Load.SMALL));
        least(text, "Caddy's CPU per small request ÷ native", 3,
                results.cpu(Options.CADDY, Load.SMALL) / results.cpu(Options.NATIVE, Load.SMALL));
        most(text, "CPU per small request with 1,000 policies ÷ without, JVM", 1.05, over(Options.JVM_POLICIES, Options.JVM));
        most(text, "the same, native", 1.05, over(Options.NATIVE_POLICIES, Options.NATIVE));
        most(text, "a token that was verified before, µs, JVM", 3, more(Options.JVM_TOKENS, Options.JVM));
        most(text, "the same, native", 3, more(Options.NATIVE_TOKENS, Options.NATIVE));
        most(text, "CPU per small request with 1 % traced ÷ without, JVM", 1.01,
                over(Options.JVM_TRACES + "-1", Options.JVM));
        most(text, "the same, native", 1.01, over(Options.NATIVE_TRACES + "-1", Options.NATIVE));
        most(text, "CPU per small request with 100 % traced ÷ without, JVM", 1.08,
                over(Options.JVM_TRACES + "-100", Options.JVM));
        most(text, "the same, native", 1.08, over(Options.NATIVE_TRACES + "-100", Options.NATIVE));
        for (Load load : new Load[] {Load.TLS_HANDSHAKES, Load.TLS_1M, Load.HTTP2_TLS}) {
            least(text, load.title + ": work per CPU second, JVM ÷ nginx", 0.8, 1 / ratio(Options.JVM, load));
            least(text, load.title + ": work per CPU second, native ÷ nginx", 0.8, 1 / ratio(Options.NATIVE, load));
        }
        most(text, "p99 at half of our rate, JVM ÷ nginx", 1.5,
                results.pacedP99(Options.JVM) / results.pacedP99(Options.NGINX));
        Results.Footprint process = results.footprints.get(Options.NATIVE);
        most(text, "native: exec to first proxied answer, ms", 60, process == null ? Double.NaN : process.startMillis());
        most(text, "native: resident after the first answer, MB", 50,
                process == null ? Double.NaN : process.idleMegabytes());
        Results.Crowd crowd = results.crowds.get(Options.NATIVE);
        most(text, "native: resident with 10,000 idle TLS connections, MB", 350,
                crowd == null ? Double.NaN : crowd.tlsMegabytes());
    }

    /// CPU beside a lean nginx.
    ///
    /// @param jvm at most; NaN for no target
    private void lean(StringBuilder text, Load load, double jvm, double image) {
        double nginx = results.cpu(Options.NGINX_LEAN, load);
        if (!Double.isNaN(jvm)) {
            most(text, load.title + ": CPU, JVM ÷ lean nginx", jvm, results.cpu(Options.JVM_BARE, load) / nginx);
        }
        most(text, load.title + ": CPU, native ÷ lean nginx", image, results.cpu(Options.NATIVE_BARE, load) / nginx);
    }

    private double over(String with, String without) {
        return results.cpu(with, Load.SMALL) / results.cpu(without, Load.SMALL);
    }

    private double more(String with, String without) {
        return results.cpu(with, Load.SMALL) - results.cpu(without, Load.SMALL);
    }

    private double ratio(String peer, Load load) {
        return results.cpu(peer, load) / results.cpu(Options.NGINX, load);
    }

    private static void most(StringBuilder text, String what, double target, double measured) {
        row(text, what, "≤ ", target, measured, measured <= target);
    }

    private static void least(StringBuilder text, String what, double target, double measured) {
        row(text, what, "≥ ", target, measured, measured >= target);
    }

    private static void row(
            StringBuilder text, String what, String sign, double target, double measured, boolean met) {
        if (!Double.isNaN(measured)) {
            text.append("| ").append(what).append(" | ").append(sign).append(target).append(" | ")
                    .append(Figures.text(measured)).append(" | ").append(met ? "met" : "missed").append(" |\n");
        }
    }
}
