package io.sallyport.config.decode;

import io.sallyport.config.model.ExtensionProvider;
import io.sallyport.config.model.ExtensionProvider.ExternalAuthorizer;
import io.sallyport.config.model.ExtensionProvider.FileLog;
import io.sallyport.config.model.ExtensionProvider.LogService;
import io.sallyport.config.model.ExtensionProvider.OpenTelemetry;
import io.sallyport.config.model.MeshConfig;
import io.sallyport.config.model.MeshConfig.LogEncoding;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.yaml.ObjectReader;
import io.sallyport.config.yaml.Place;
import io.sallyport.config.yaml.YamlNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// mesh/v1alpha1/config.proto, as Istio's users have it: a file without a kind, or the text in the ConfigMap `istio`.
final class MeshConfigDecoder {
    /// Of files that hold nothing but a MeshConfig.
    private static final Set<String> FILES =
            Set.of("mesh.yaml", "mesh.yml", "meshconfig.yaml", "meshconfig.yml", "mesh-config.yaml", "mesh-config.yml");

    /// However it is written there is one, by the name of Istio's ConfigMap.
    private static final String NAME = "istio";

    private static final String NAMESPACE = "istio-system";

    /// Fields that say nothing to a gateway without a control plane, or that a setting stands for.
    private static final List<String> UNUSED = List.of(
            "ca",
            "caCertificates",
            "certificates",
            "configSources",
            "connectTimeout",
            "defaultDestinationRuleExportTo",
            "defaultHttpRetryPolicy",
            "defaultServiceExportTo",
            "defaultTrafficPolicy",
            "defaultVirtualServiceExportTo",
            "disableEnvoyListenerLog",
            "discoverySelectors",
            "dnsRefreshRate",
            "enableEnvoyAccessLogService",
            "enablePrometheusMerge",
            "enableTracing",
            "h2UpgradePolicy",
            "hboneIdleTimeout",
            "inboundClusterStatName",
            "inboundTrafficPolicy",
            "ingressClass",
            "ingressControllerMode",
            "ingressSelector",
            "ingressService",
            "localityLbSetting",
            "meshMTLS",
            "outboundClusterStatName",
            "outboundTrafficPolicy",
            "pathNormalization",
            "protocolDetectionTimeout",
            "proxyHttpPort",
            "proxyInboundListenPort",
            "proxyListenPort",
            "serviceEntryVisibility",
            "serviceScopeConfigs",
            "serviceSettings",
            "tcpKeepalive",
            "tlsDefaults",
            "verifyCertificateAtClient",
            "zoneAwareLbSetting");

    /// What a provider may be besides.
    private static final List<String> OTHER_PROVIDERS = List.of(
            "zipkin",
            "lightstep",
            "datadog",
            "stackdriver",
            "opencensus",
            "skywalking",
            "prometheus",
            "envoyHttpAls",
            "envoyTcpAls",
            "sds");

    private static final String HTTP = "envoyExtAuthzHttp";
    private static final String GRPC = "envoyExtAuthzGrpc";
    private static final String OPEN_TELEMETRY = "opentelemetry";
    private static final String FILE_LOG = "envoyFileAccessLog";
    private static final String LOG_SERVICE = "envoyOtelAls";

    private MeshConfigDecoder() {}

    /// Whether the document is a MeshConfig by the name of its file.
    static boolean isPlain(Place document) {
        return FILES.contains(document.at().fileName())
                && !document.field("apiVersion").isPresent()
                && !document.field("kind").isPresent();
    }

    /// The text of the MeshConfig that a document holds which is Istio's ConfigMap; null for any other document.
    static YamlNode.@Nullable Scalar textWithin(Place document) {
        boolean istio = document.field("kind").node() instanceof YamlNode.Scalar kind
                && kind.text().equals("ConfigMap")
                && document.field("apiVersion").node() instanceof YamlNode.Scalar version
                && version.text().equals("v1")
                && document.field("metadata").field("name").node() instanceof YamlNode.Scalar name
                && (name.text().equals(NAME) || name.text().startsWith(NAME + "-"));
        return istio && document.field("data").field("mesh").node() instanceof YamlNode.Scalar text ? text : null;
    }

    static MeshConfig read(ObjectReader in) {
        for (String field : UNUSED) {
            unused(in, field);
        }
        Defaults defaults = Objects.requireNonNullElse(
                in.object("defaultProviders", MeshConfigDecoder::defaults), new Defaults(List.of(), List.of()));
        return new MeshConfig(
                meta(in.at()),
                in.text("trustDomain"),
                in.texts("trustDomainAliases"),
                in.text("rootNamespace"),
                !Boolean.FALSE.equals(in.optionalBool("enableAutoMtls")),
                in.objects("extensionProviders", MeshConfigDecoder::provider),
                defaults.tracing,
                defaults.accessLogging,
                in.object("defaultConfig", MeshConfigDecoder::topology),
                in.text("accessLogFile"),
                in.has("accessLogEncoding") ? in.constant("accessLogEncoding", LogEncoding.values()) : null,
                in.text("accessLogFormat"));
    }

    private static ResourceMeta meta(Position at) {
        return new ResourceMeta(ResourceKind.MESH_CONFIG, "", NAME, NAMESPACE, Map.of(), Map.of(), at);
    }

    private static void unused(ObjectReader in, String field) {
        if (in.has(field)) {
            in.place().field(field).report(ProblemCode.UNUSED_MESH_FIELD, "the gateway does not act on the field");
        }
    }

    private static MeshConfig.@Nullable Topology topology(ObjectReader defaultConfig) {
        for (String field : defaultConfig.place().keys()) {
            if (!field.equals("gatewayTopology")) {
                unused(defaultConfig, field);
            }
        }
        return defaultConfig.object(
                "gatewayTopology",
                in -> new MeshConfig.Topology(
                        in.uint32("numTrustedProxies"),
                        in.constant("forwardClientCertDetails", MeshConfig.ForwardClientCertDetails.values()),
                        in.object("proxyProtocol", _ -> true) != null,
                        in.at()));
    }

    private static ExtensionProvider provider(ObjectReader in) {
        String name = in.requiredText("name");
        in.atMostOne(HTTP, GRPC, OPEN_TELEMETRY, FILE_LOG, LOG_SERVICE);
        ExternalAuthorizer http = in.object(HTTP, each -> authorizer(each, http(each)));
        ExternalAuthorizer grpc = in.object(GRPC, each -> authorizer(each, null));
        boolean other = false;
        for (String field : OTHER_PROVIDERS) {
            other |= in.has(field);
            unused(in, field);
        }
        OpenTelemetry openTelemetry = in.object(OPEN_TELEMETRY, MeshConfigDecoder::openTelemetry);
        FileLog fileLog = in.object(FILE_LOG, MeshConfigDecoder::fileLog);
        LogService logService = in.object(LOG_SERVICE, MeshConfigDecoder::logService);
        if (!other
                && Stream.of(HTTP, GRPC, OPEN_TELEMETRY, FILE_LOG, LOG_SERVICE).noneMatch(in::has)) {
            in.missing(
                    HTTP, "is required, or " + GRPC + ", " + OPEN_TELEMETRY + ", " + FILE_LOG + " or " + LOG_SERVICE);
        }
        return new ExtensionProvider(name, http == null ? grpc : http, openTelemetry, fileLog, logService, in.at());
    }

    /// `DefaultProviders`.
    private record Defaults(List<String> tracing, List<String> accessLogging) {}

    private static Defaults defaults(ObjectReader in) {
        unused(in, "metrics");
        return new Defaults(in.texts("tracing"), in.texts("accessLogging"));
    }

    private static FileLog fileLog(ObjectReader in) {
        if (in.bool("omitEmptyValues")) {
            in.place()
                    .field("omitEmptyValues")
                    .report(ProblemCode.NOT_ENFORCED, "what is not there is - or null: it is not left out yet");
        }
        FileLog format = in.object("logFormat", each -> {
            each.atMostOne("text", "labels");
            each.has("labels");
            YamlNode labels = each.place().field("labels").node();
            return new FileLog("", each.text("text"), labels == null ? "" : JsonText.of(labels));
        });
        return new FileLog(
                in.requiredText("path"), format == null ? "" : format.text(), format == null ? "" : format.labels());
    }

    private static LogService logService(ObjectReader in) {
        LogService format =
                in.object("logFormat", each -> new LogService("", 0, "", each.text("text"), each.textMap("labels")));
        return new LogService(
                in.requiredText("service"),
                in.requiredUint32("port"),
                in.text("logName"),
                format == null ? "" : format.text(),
                format == null ? Map.of() : format.labels());
    }

    private static OpenTelemetry openTelemetry(ObjectReader in) {
        in.atMostOne("http", "grpc");
        // Of the environment's attributes the gateway makes use anyway.
        in.object("resourceDetectors", each -> {
            each.object("environment", _ -> true);
            unused(each, "dynatrace");
            return true;
        });
        unused(in, "serviceAttributeEnrichment");
        if (in.has("dynatraceSampler")) {
            in.place().field("dynatraceSampler").report(ProblemCode.NOT_ENFORCED, "the sampler is not supported");
        }
        Export http = in.object(
                "http",
                each -> new Export(each.requiredText("path"), each.duration("timeout"), headers(each, "headers")));
        Export grpc =
                in.object("grpc", each -> new Export("", each.duration("timeout"), headers(each, "initialMetadata")));
        Export export = http != null ? http : grpc != null ? grpc : new Export("", null, List.of());
        return new OpenTelemetry(
                in.requiredText("service"),
                in.requiredUint32("port"),
                in.uint32("maxTagLength"),
                export.path,
                export.timeout,
                export.headers);
    }

    /// What `http` and `grpc` have in common.
    private record Export(String path, @Nullable Duration timeout, List<OpenTelemetry.Header> headers) {}

    private static List<OpenTelemetry.Header> headers(ObjectReader in, String field) {
        return in.objects(field, header -> {
            header.atMostOne("value", "envName");
            return new OpenTelemetry.Header(header.requiredText("name"), header.text("value"), header.text("envName"));
        });
    }

    private static ExternalAuthorizer authorizer(ObjectReader in, ExtensionProvider.@Nullable Http http) {
        return new ExternalAuthorizer(
                in.requiredText("service"),
                in.requiredUint32("port"),
                in.duration("timeout"),
                in.bool("failOpen"),
                in.bool("clearRouteCache"),
                in.text("statusOnError"),
                in.object(
                        "includeRequestBodyInCheck",
                        body -> new ExtensionProvider.RequestBody(
                                body.uint32("maxRequestBytes"),
                                body.bool("allowPartialMessage"),
                                body.bool("packAsBytes"))),
                http);
    }

    private static ExtensionProvider.Http http(ObjectReader in) {
        List<String> included = in.texts("includeRequestHeadersInCheck");
        List<String> deprecated = in.texts("includeHeadersInCheck");
        if (in.has("includeHeadersInCheck")) {
            in.place()
                    .field("includeHeadersInCheck")
                    .report(ProblemCode.DEPRECATED, "the field is deprecated", "write includeRequestHeadersInCheck");
        }
        return new ExtensionProvider.Http(
                in.text("pathPrefix"),
                included.isEmpty() ? deprecated : included,
                in.textMap("includeAdditionalHeadersInCheck"),
                in.texts("headersToUpstreamOnAllow"),
                in.texts("headersToDownstreamOnDeny"),
                in.texts("headersToDownstreamOnAllow"));
    }
}
