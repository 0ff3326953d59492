package io.sallyport.config.decode;

import io.sallyport.config.model.ClientTlsSettings;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.TrafficPolicy;
import io.sallyport.config.model.TrafficPolicy.PortTrafficPolicy;
import io.sallyport.config.model.TrafficPolicy.ProxyProtocol;
import io.sallyport.config.model.TrafficPolicy.RetryBudget;
import io.sallyport.config.model.TrafficPolicy.TunnelSettings;
import io.sallyport.config.yaml.ObjectReader;

/// networking/v1/destination_rule.proto, but for load balancing and connection pools.
final class DestinationRuleDecoder {
    private DestinationRuleDecoder() {}

    static DestinationRule read(ResourceMeta meta, ObjectReader spec) {
        return new DestinationRule(
                meta,
                spec.requiredText("host"),
                spec.object("trafficPolicy", DestinationRuleDecoder::trafficPolicy),
                spec.objects("subsets", DestinationRuleDecoder::subset),
                spec.texts("exportTo"),
                spec.object("workloadSelector", selector -> selector.textMap("matchLabels")));
    }

    private static Subset subset(ObjectReader in) {
        return new Subset(
                in.requiredText("name"),
                in.textMap("labels"),
                in.object("trafficPolicy", DestinationRuleDecoder::trafficPolicy),
                in.at());
    }

    private static TrafficPolicy trafficPolicy(ObjectReader in) {
        return new TrafficPolicy(
                in.object("loadBalancer", LoadBalancerDecoder::read),
                in.object("connectionPool", ConnectionPoolDecoder::pool),
                in.object("outlierDetection", ConnectionPoolDecoder::outlierDetection),
                in.object("tls", DestinationRuleDecoder::tls),
                in.objects("portLevelSettings", DestinationRuleDecoder::portPolicy),
                in.object("tunnel", DestinationRuleDecoder::tunnel),
                in.object("proxyProtocol", DestinationRuleDecoder::proxyProtocol),
                in.object("retryBudget", DestinationRuleDecoder::retryBudget),
                in.at());
    }

    private static PortTrafficPolicy portPolicy(ObjectReader in) {
        if (!in.has("port")) {
            in.missing("port", "is required");
        }
        return new PortTrafficPolicy(
                Destinations.portSelector(in),
                in.object("loadBalancer", LoadBalancerDecoder::read),
                in.object("connectionPool", ConnectionPoolDecoder::pool),
                in.object("outlierDetection", ConnectionPoolDecoder::outlierDetection),
                in.object("tls", DestinationRuleDecoder::tls),
                in.at());
    }

    private static ClientTlsSettings tls(ObjectReader in) {
        return new ClientTlsSettings(
                in.constant("mode", ClientTlsSettings.Mode.values()),
                in.text("clientCertificate"),
                in.text("privateKey"),
                in.text("caCertificates"),
                in.text("credentialName"),
                in.texts("subjectAltNames"),
                in.text("sni"),
                in.optionalBool("insecureSkipVerify"),
                in.text("caCrl"),
                in.at());
    }

    private static TunnelSettings tunnel(ObjectReader in) {
        return new TunnelSettings(
                in.text("protocol"), in.requiredText("targetHost"), in.requiredUint32("targetPort"), in.at());
    }

    private static ProxyProtocol proxyProtocol(ObjectReader in) {
        return new ProxyProtocol(in.constant("version", ProxyProtocol.Version.values()), in.at());
    }

    private static RetryBudget retryBudget(ObjectReader in) {
        return new RetryBudget(
                in.optionalNumber("percent"), in.uint32("minRetryConcurrency"), in.duration("budgetInterval"), in.at());
    }
}
