package io.sallyport.compile;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.model.Position;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the parts of one compilation share.
final class Compilation {
    private final CompileOptions options;
    private final ConfigurationIndex index;
    private final TlsContexts tls;
    private final Instant now;
    private final Problems problems = new Problems();
    private final Credentials credentials;
    private final ClusterCompiler clusters;
    private final RouteMemory routes;

    /// @param tls with the contexts of the last compilation
    /// @param kept the credentials that the last compilation could use
    /// @param before what the last compilation made
    Compilation(
            CompileOptions options,
            ConfigurationIndex index,
            TlsContexts tls,
            Credentials.Kept kept,
            RouteMemory.Made before,
            Instant now) {
        this.options = options;
        this.index = index;
        this.tls = tls;
        this.now = now;
        this.credentials = new Credentials(options, problems, now, kept);
        this.clusters = new ClusterCompiler(this);
        this.routes = new RouteMemory(before, clusters);
    }

    CompileOptions options() {
        return options;
    }

    ConfigurationIndex index() {
        return index;
    }

    TlsContexts tls() {
        return tls;
    }

    Instant now() {
        return now;
    }

    Problems problems() {
        return problems;
    }

    Credentials credentials() {
        return credentials;
    }

    ClusterCompiler clusters() {
        return clusters;
    }

    RouteMemory routes() {
        return routes;
    }

    /// Collects problems, each once: a credential that two servers share is reported where it is met first.
    static final class Problems {
        private final List<Problem> all = new ArrayList<>();

        void add(ProblemCode code, Position at, String field, String message, @Nullable String hint) {
            Problem problem = Problem.of(code, at, field, message, hint);
            if (!all.contains(problem)) {
                all.add(problem);
            }
        }

        List<Problem> all() {
            return all;
        }
    }
}
