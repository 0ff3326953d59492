package io.sallyport.config.decode;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Condition;
import io.sallyport.config.model.AuthorizationPolicy.Operation;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.Source;
import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.model.AuthorizationPolicy.Values;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.yaml.ObjectReader;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// security/v1beta1/authorization_policy.proto.
final class AuthorizationPolicyDecoder {
    private AuthorizationPolicyDecoder() {}

    static AuthorizationPolicy read(ResourceMeta meta, ObjectReader spec) {
        Map<String, String> selector = selector(spec);
        List<TargetRef> targets = targets(spec);
        String provider = spec.object("provider", in -> in.text("name"));
        return new AuthorizationPolicy(
                meta,
                selector,
                targets,
                spec.constant("action", AuthorizationPolicy.Action.values()),
                provider == null ? "" : provider,
                spec.objects("rules", AuthorizationPolicyDecoder::rule));
    }

    /// Of any policy that selects workloads or is attached.
    static @Nullable Map<String, String> selector(ObjectReader spec) {
        spec.atMostOne("selector", "targetRef", "targetRefs");
        return spec.object("selector", in -> in.textMap("matchLabels"));
    }

    static List<TargetRef> targets(ObjectReader spec) {
        TargetRef target = spec.object("targetRef", AuthorizationPolicyDecoder::target);
        List<TargetRef> targets = spec.objects("targetRefs", AuthorizationPolicyDecoder::target);
        return target == null ? targets : List.of(target);
    }

    private static TargetRef target(ObjectReader in) {
        String group = in.text("group");
        return new TargetRef(
                group.equals("core") ? "" : group,
                in.requiredText("kind"),
                in.requiredText("name"),
                in.text("namespace"),
                in.at());
    }

    private static Rule rule(ObjectReader in) {
        return new Rule(
                in.objects("from", AuthorizationPolicyDecoder::from),
                in.objects("to", AuthorizationPolicyDecoder::to),
                in.objects("when", AuthorizationPolicyDecoder::condition),
                in.at());
    }

    private static Source from(ObjectReader in) {
        Source source = required(in, "source", AuthorizationPolicyDecoder::source);
        return source != null
                ? source
                : new Source(
                        Values.NONE,
                        Values.NONE,
                        Values.NONE,
                        Values.NONE,
                        Values.NONE,
                        Values.NONE,
                        Values.NONE,
                        in.at());
    }

    private static Operation to(ObjectReader in) {
        Operation operation = required(in, "operation", AuthorizationPolicyDecoder::operation);
        return operation != null
                ? operation
                : new Operation(Values.NONE, Values.NONE, Values.NONE, Values.NONE, in.at());
    }

    private static <T> @Nullable T required(ObjectReader in, String name, ObjectReader.MessageReader<T> reader) {
        if (!in.has(name)) {
            in.missing(name, "is required");
        }
        return in.object(name, reader);
    }

    private static Source source(ObjectReader in) {
        return new Source(
                values(in, "principals", "notPrincipals"),
                values(in, "requestPrincipals", "notRequestPrincipals"),
                values(in, "namespaces", "notNamespaces"),
                values(in, "serviceAccounts", "notServiceAccounts"),
                values(in, "trustDomains", "notTrustDomains"),
                values(in, "ipBlocks", "notIpBlocks"),
                values(in, "remoteIpBlocks", "notRemoteIpBlocks"),
                in.at());
    }

    private static Operation operation(ObjectReader in) {
        return new Operation(
                values(in, "hosts", "notHosts"),
                values(in, "ports", "notPorts"),
                values(in, "methods", "notMethods"),
                values(in, "paths", "notPaths"),
                in.at());
    }

    private static Condition condition(ObjectReader in) {
        return new Condition(in.requiredText("key"), values(in, "values", "notValues"), in.at());
    }

    private static Values values(ObjectReader in, String any, String none) {
        return new Values(in.texts(any), in.texts(none));
    }
}
