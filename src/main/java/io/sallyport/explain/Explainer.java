package io.sallyport.explain;

import io.sallyport.compile.SnapshotPlan;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.proxy.ProxySettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Answers for the commands and the admin API.
public final class Explainer {
    private final RequestExplainer explainer;
    private final HeldVersions held;
    private boolean underscoresRefused;

    /// Of what is served as it is written.
    public Explainer(SnapshotPlan plan, ProxySettings settings) {
        this(plan, settings, HeldVersions.NONE);
    }

    public Explainer(SnapshotPlan plan, ProxySettings settings, HeldVersions held) {
        explainer = new RequestExplainer(plan, settings, null);
        this.held = held;
    }

    /// @param index of the configuration that the plan was compiled from, to explain hosts that the plan does not
    ///     serve
    public Explainer(SnapshotPlan plan, ProxySettings settings, ConfigurationIndex index, HeldVersions held) {
        explainer = new RequestExplainer(plan, settings, index);
        this.held = held;
    }

    /// Whether listeners answer 400 where a header's name has `_`.
    public Explainer refusingUnderscores(boolean refused) {
        underscoresRefused = refused;
        return this;
    }

    /// One answer, to be shown as text or JSON.
    public static final class Answer {
        private final Explanation explanation;

        private Answer(Explanation explanation) {
            this.explanation = explanation;
        }

        /// Whether the gateway would turn the request away.
        public boolean refused() {
            return explanation.refused;
        }

        /// One line.
        public String json() {
            return ExplanationJson.of(explanation).encode();
        }

        public void print(PrintWriter out) {
            ExplanationText.print(explanation, out);
        }
    }

    public Answer explain(ExplainedRequest request) {
        return new Answer(explained(request));
    }

    private Explanation explained(ExplainedRequest request) {
        if (underscoresRefused && request.headers().keySet().stream().anyMatch(name -> name.indexOf('_') >= 0)) {
            Explanation refused = new Explanation();
            refused.refuse(400, "DPE", "http1.field_name_underscore");
            refused.explanation = "a header has a name with _ (sallyport.reject-underscores)";
            return refused;
        }
        Explanation explanation = explainer.explain(request);
        String virtualService = explanation.virtualService();
        explanation.held = virtualService == null ? null : held.of(virtualService);
        return explanation;
    }

    /// Explains the request that a line of the access log is about.
    public Answer explain(LoggedRequest logged) {
        Explanation explanation = explained(logged.request(explainer::isTls));
        explanation.logged = logged.comparison(explanation.details);
        return new Answer(explanation);
    }

    /// The request that somebody means who gives some of these.
    ///
    /// @param connect `host:port`, or null
    /// @param via `mesh`, or null
    /// @throws IllegalArgumentException where they do not make a request; the message is for the user
    public static ExplainedRequest request(
            @Nullable String url,
            String method,
            List<String> headers,
            @Nullable Integer port,
            @Nullable String connect,
            @Nullable String via,
            ExplainedRequest.Client client) {
        if (connect != null) {
            return ExplainedRequest.connect(connect, headers, client);
        }
        if (url != null) {
            return ExplainedRequest.of(url, method, headers, port, via, client);
        }
        if ("mesh".equals(via) && client.sni() != null) {
            return ExplainedRequest.serverName(client);
        }
        throw new IllegalArgumentException("url is missing");
    }

    /// Reads a file of many requests.
    ///
    /// @throws IOException where it cannot be read
    /// @throws IllegalArgumentException where it does not hold a list of requests; the message says where
    public static List<ExplainedRequest> requests(Path file) throws IOException {
        return RequestFile.read(file);
    }
}
