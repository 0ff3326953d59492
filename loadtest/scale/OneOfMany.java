package scale;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/// Changes one VirtualService of many, again and again.
final class OneOfMany {
    private static final int WARM_UP = 60;
    private static final long QUIET_MILLIS = 1_000;

    /// What there is many of.
    enum Kind {
        OWN_FILES(" VirtualServices, a file each"),
        LARGE_FILES(" VirtualServices, 1,000 a file"),
        OWN_FILES_AND_A_FAULT(" VirtualServices, a file each, one of which has a fault and is left out"),
        SEVERAL_KINDS(" resources, 1,000 a file: half VirtualServices, a quarter ServiceEntries, a quarter DestinationRules");

        final String title;

        Kind(String title) {
            this.title = title;
        }
    }

    record Many(Kind kind, int count) {
        /// A directory has 10,000 files at most, two of which are others.
        static final List<Many> ALL = List.of(
                new Many(Kind.OWN_FILES, 5_000),
                new Many(Kind.OWN_FILES, 9_998),
                new Many(Kind.OWN_FILES_AND_A_FAULT, 9_998),
                new Many(Kind.SEVERAL_KINDS, 40_000),
                new Many(Kind.LARGE_FILES, 40_000));

        /// VirtualServices.
        int services() {
            return kind == Kind.SEVERAL_KINDS ? count / 2 : count;
        }

        boolean ownFiles() {
            return kind == Kind.OWN_FILES || kind == Kind.OWN_FILES_AND_A_FAULT;
        }

        /// Those that can be changed: the first has the fault.
        int firstSound() {
            return kind == Kind.OWN_FILES_AND_A_FAULT ? 1 : 0;
        }
    }

    /// @param answered from the rename to the first 200, nothing else being asked for
    /// @param cpuMillis of the process for each of these changes, the questions of this measure included
    /// @param quiet requests while nothing changes
    /// @param changing requests while one change follows another
    /// @param megabytes resident once it is loaded
    record Result(Many many, Times answered, double cpuMillis, Times quiet, Times changing, double megabytes, int wrong) {
        boolean isSound() {
            return wrong == 0;
        }
    }

    private final Site site;
    private final Path directory;
    private final Many many;
    private final FirstAnswer first;
    private final SplittableRandom random = new SplittableRandom(7);
    private int changes;

    private OneOfMany(Site site, Path directory, Many many, FirstAnswer first) {
        this.site = site;
        this.directory = directory;
        this.many = many;
        this.first = first;
    }

    static Result run(Candidate candidate, Site site, Many many, int changes) throws IOException, InterruptedException {
        Path directory = site.directory("many-" + many.kind() + many.count());
        site.add(directory, many);
        try (RunningGateway gateway = RunningGateway.start(candidate, directory);
                Connection connection = new Connection(gateway.connect())) {
            double megabytes = gateway.residentMegabytes();
            FirstAnswer first = new FirstAnswer(connection);
            OneOfMany one = new OneOfMany(site, directory, many, first);
            one.change(WARM_UP);
            double before = gateway.cpuSeconds();
            Times answered = one.change(changes);
            double cpu = gateway.cpuSeconds() - before;
            try (PacedTraffic traffic = new PacedTraffic(gateway)) {
                Thread.sleep(QUIET_MILLIS);
                traffic.take();
                Thread.sleep(QUIET_MILLIS);
                Times quiet = traffic.take();
                one.change(changes);
                return new Result(
                        many,
                        answered,
                        cpu * 1000 / changes,
                        quiet,
                        traffic.take(),
                        megabytes,
                        first.wrong() + traffic.failures());
            }
        }
    }

    private Times change(int number) throws IOException, InterruptedException {
        Times times = new Times();
        for (int i = 0; i < number; i++) {
            String host = "c" + changes++ + ".change.example";
            int service = random.nextInt(many.firstSound(), many.services());
            first.expect(404, host);
            times.add(first.await(host, site.change(directory, many, service, host)));
        }
        return times;
    }
}
