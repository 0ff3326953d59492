package scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// What the size of a configuration costs. Run by `scale.sh`.
public final class Scale {
    private Scale() {}

    /// @param args see [Options]
    public static void main(String[] args) throws Exception {
        Options options = Options.parse(args);
        Report report = new Report(options);
        Path work = Files.createTempDirectory("sallyport-scale");
        boolean sound = true;
        try (Upstream upstream = new Upstream()) {
            List<Candidate> candidates = Candidate.available();
            for (Candidate candidate : candidates) {
                Path directory = Files.createDirectories(work.resolve("" + candidates.indexOf(candidate)));
                Site site = new Site(directory, upstream.port());
                if (options.routes() > 0) {
                    sound &= report.add(candidate, RouteProbe.run(candidate, site, options.routes()));
                }
                for (OneOfMany.Many many : options.changes() > 0 ? OneOfMany.Many.ALL : List.<OneOfMany.Many>of()) {
                    sound &= report.add(candidate, OneOfMany.run(candidate, site, many, options.changes()));
                }
                if (options.services() > 0) {
                    report.add(candidate, BigLoad.run(candidate, site, options.services(), options.rounds()));
                }
                if (options.hosts() > 0) {
                    report.add(candidate, ManyHosts.run(candidate, site, options));
                }
            }
        } finally {
            delete(work);
        }
        report.write();
        System.exit(sound ? 0 : 1);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
