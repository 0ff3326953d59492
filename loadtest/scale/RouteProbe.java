package scale;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// Adds routes one by one, each a file with a VirtualService that comes by a rename, and asks for each until it answers.
final class RouteProbe {
    private static final int WARM_UP = 200;
    private static final int WARM_UP_FILES = 20;

    /// @param all from the rename to the first 200
    /// @param firstHalf of the first half of the routes
    /// @param wrong answers other than 404 before and 200 after, and routes that did not come
    /// @param trafficFailures answers other than 200 to the load beside
    record Result(int routes, Times all, Times firstHalf, Times lastTenth, Times traffic, int wrong, int trafficFailures) {
        boolean isSound() {
            return wrong == 0 && trafficFailures == 0;
        }
    }

    private final Site site;
    private final Path directory;
    private final FirstAnswer first;
    private final SplittableRandom random = new SplittableRandom(7);

    private RouteProbe(Site site, Path directory, FirstAnswer first) {
        this.site = site;
        this.directory = directory;
        this.first = first;
    }

    static Result run(Candidate candidate, Site site, int routes) throws IOException, InterruptedException {
        Path directory = site.directory("probe");
        try (RunningGateway gateway = RunningGateway.start(candidate, directory);
                PacedTraffic traffic = new PacedTraffic(gateway);
                Connection connection = new Connection(gateway.connect())) {
            RouteProbe probe = new RouteProbe(site, directory, new FirstAnswer(connection));
            for (int i = 0; i < WARM_UP; i++) {
                probe.warmUp(i);
            }
            traffic.take();
            Times all = new Times();
            Times firstHalf = new Times();
            Times lastTenth = new Times();
            for (int i = 0; i < routes; i++) {
                long took = probe.add(i);
                all.add(took);
                if (i < routes / 2) {
                    firstHalf.add(took);
                } else if (i >= routes - routes / 10) {
                    lastTenth.add(took);
                }
            }
            return new Result(routes, all, firstHalf, lastTenth, traffic.take(), probe.first.wrong(), traffic.failures());
        }
    }

    /// The same files over and over: the compiler of a JVM sees reloads before they count.
    private void warmUp(int round) throws IOException, InterruptedException {
        String host = "warm" + round + ".example";
        first.await(host, site.put(directory, "warm" + round % WARM_UP_FILES, host));
    }

    private long add(int number) throws IOException, InterruptedException {
        String host = Site.host(number);
        first.expect(404, host);
        long took = first.await(host, site.put(directory, "r" + number, host));
        first.expect(200, host);
        first.expect(200, Site.host(random.nextInt(number + 1)));
        return took;
    }
}
