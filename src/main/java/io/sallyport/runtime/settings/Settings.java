package io.sallyport.runtime.settings;

import io.sallyport.identity.ForwardedClientCert;
import io.sallyport.proxy.ClientCertForwarding;
import io.sallyport.reload.ConfigurationSource.OnError;
import io.sallyport.route.EncodedSlashes;
import io.sallyport.route.PathNormalization;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// All settings of the process, as [SettingsLoader] reads and checks them; [SettingsView] gives some of them their
/// types.
///
/// Ports, labels and address ranges are texts here, so that a wrong one is reported together with all others.
@ConfigMapping(prefix = "sallyport")
public interface Settings {
    ConfigDirectory config();

    SecretsDirectory secrets();

    IdentityDirectory identity();

    @Meaning("Labels of this instance, `istio=ingressgateway,app=edge`: Gateways whose selector is within them apply,"
            + " and metrics call it by them. Unset: all apply.")
    Optional<List<String>> labels();

    @Meaning("Where this instance stands, `region/zone/subzone` or the beginning of it: endpoints near it come first."
            + " Unset: all are equally far.")
    Optional<String> locality();

    @Meaning("Namespace of this instance, and of resources that name none.")
    @WithDefault("default")
    String namespace();

    @Meaning("Namespace whose DestinationRules apply where no nearer one does (`MeshConfig.rootNamespace`).")
    @WithDefault("istio-system")
    String rootNamespace();

    @Meaning("Binds `<value>` for a Gateway server with port `<n>`: `sallyport.port-map.443=8443`.")
    Map<String, String> portMap();

    @Meaning("Suffix of mesh services' names.")
    @WithDefault("cluster.local")
    String clusterDomain();

    @Meaning("Name of the cluster that this instance runs in, Istio's cluster id: `source_cluster` and"
            + " `destination_cluster` of metrics, `istio.cluster_id` of spans.")
    @WithDefault("${ISTIO_META_CLUSTER_ID:Kubernetes}")
    String clusterId();

    @Meaning("Trust domain that mesh peers' SPIFFE identities must have.")
    @WithDefault("cluster.local")
    String trustDomain();

    @Meaning(
            "Further names of the trust domain (Istio's `trustDomainAliases`): authorization policies that name one of them mean all, and peers may have an identity of any.")
    Optional<List<String>> trustDomainAliases();

    MeshSettings mesh();

    EgressSettings egress();

    DiscoverySettings discovery();

    ResolverSettings dns();

    AdminSettings admin();

    HealthSettings health();

    DrainSettings drain();

    LimitSettings limits();

    AccessLogSettings accessLog();

    MetricsSettings metrics();

    TracingSettings tracing();

    @Meaning("Proxies in front of this gateway whose `X-Forwarded-For` entries are believed.")
    @WithDefault("0")
    int trustedHops();

    ClientCertSettings clientCert();

    @Meaning(
            "Name of the gateway in the `Via` header that every forwarded request gets, before an id of the listener by"
                    + " which loops are known. Unset: `sallyport`.")
    Optional<String> via();

    @Meaning("Value of the `Server` header of every response.")
    @WithDefault("sallyport")
    String serverHeader();

    @Meaning("Header in which the gateway's own replies say their response flag. Unset: none.")
    Optional<String> flagHeader();

    @Meaning("How paths are made canonical before they are matched; Istio's spelling, `MERGE_SLASHES`, works, too.")
    @WithDefault("merge-slashes")
    PathNormalization pathNormalization();

    @Meaning("What becomes of `%2F` and `%5C` in paths, as Envoy's `path_with_escaped_slashes_action`: `keep` (they are"
            + " characters of a segment), `reject` (400), `decode` (they are slashes, before anything else is made of the"
            + " path). With `decode-and-merge-slashes`, `keep` is `decode`.")
    @WithDefault("keep")
    EncodedSlashes encodedSlashes();

    @Meaning("Answers requests that have a header name with `_` with 400. False: such headers are forwarded.")
    @WithDefault("true")
    boolean rejectUnderscores();

    TlsSettings tls();

    ProxyProtocolSettings proxyProtocol();

    @Meaning("Event loops of the data plane, or 0 for one a core.")
    @WithDefault("0")
    int eventLoops();

    ReloadSettings reload();

    interface TlsSettings {
        @Meaning(
                "Groups for key exchange, the preferred first, of both sides: `X25519MLKEM768`, `X25519`, `P-256`, `P-384`,"
                        + " `P-521`. Where TLS is the JDK's (byte streams, two kinds of certificates for one host), the first of"
                        + " them, which JDK 25 does not have, is passed over.")
        @WithDefault("X25519MLKEM768,X25519,P-256,P-384")
        List<String> groups();
    }

    interface ConfigDirectory {
        @Meaning("Directory with the resources: a mounted ConfigMap.")
        @WithDefault("/etc/sallyport/config")
        Path dir();

        @Meaning("What becomes of a configuration with errors: `isolate` (a resource with errors is held at the version"
                + " that was served last, or left out; all else is served) or `refuse` (the last configuration goes on as"
                + " a whole).")
        @WithDefault("isolate")
        OnError onError();

        @Meaning(
                "Directory, such as an `emptyDir`, in which the resources that are served are kept, so that they are held"
                        + " after a restart, too. Unset: they are held in memory alone.")
        Optional<Path> stateDir();

        @Meaning("True: resources that are held or left out and listeners that cannot be bound do not matter to"
                + " `/healthz/ready`. False: it answers 503 as long as there are any. Unset: it answers 503 after a start"
                + " until all listeners have been bound once, and nothing else matters.")
        Optional<Boolean> readyWithFaults();
    }

    interface SecretsDirectory {
        @Meaning("Directory with `<credentialName>/tls.crt`, `tls.key`, `ca.crt`, `ca.crl`.")
        @WithDefault("/etc/sallyport/secrets")
        Path dir();
    }

    interface IdentityDirectory {
        @Meaning("Directory with this instance's SVID: `tls.crt`, `tls.key`, `ca.crt`, or `cert-chain.pem`, `key.pem`,"
                + " `root-cert.pem`.")
        @WithDefault("/etc/sallyport/identity")
        Path dir();

        @Meaning(
                "SPIFFE Workload API that gives this instance its SVID, instead of the directory: `unix:///<path>` or"
                        + " `tcp://<IP address>:<port>`. Unset: `ca-address`, else `SPIFFE_ENDPOINT_SOCKET`, else the directory.")
        @WithDefault("${SPIFFE_ENDPOINT_SOCKET:}")
        Optional<String> endpointSocket();

        @Meaning("Istio's authority that signs this instance's certificate, instead of the directory:"
                + " `istiod.istio-system.svc:15012`. Not together with `endpoint-socket`; `SPIFFE_ENDPOINT_SOCKET` is passed"
                + " over then.")
        Optional<String> caAddress();

        @Meaning("File with the projected service account token (audience `istio-ca`) that proves to the authority who"
                + " asks; read anew each time.")
        @WithDefault("/var/run/secrets/tokens/istio-token")
        Path caTokenFile();

        @Meaning("File with the root certificates that the authority's own certificate is verified by (the ConfigMap"
                + " `istio-ca-root-cert`); read anew each time.")
        @WithDefault("/var/run/secrets/istio/root-cert.pem")
        Path caRootFile();

        @Meaning("Service account of this instance: the authority signs for"
                + " `spiffe://<trust-domain>/ns/<namespace>/sa/<service-account>`.")
        @WithDefault("default")
        String serviceAccount();

        @Meaning("Of the SVIDs that the Workload API gives, the one with this hint. Unset: the first.")
        Optional<String> hint();
    }

    interface ClientCertSettings {
        @Meaning("What becomes of `X-Forwarded-Client-Cert` of requests to Gateways (Istio's"
                + " `gatewayTopology.forwardClientCertDetails`): `sanitize-set` says what the gateway has verified,"
                + " `append-forward` adds that to what a client with a certificate has sent, `forward-only` passes that on,"
                + " `always-forward-only` also without a certificate, `sanitize` removes it.")
        @WithDefault("sanitize-set")
        ClientCertForwarding.Mode forward();

        @Meaning("What the header says of a client's certificate besides `By` and `Hash`: `cert`, `chain`, `subject`,"
                + " `uri`, `dns`.")
        @WithDefault("cert,subject,uri,dns")
        Set<ForwardedClientCert.Field> fields();
    }

    interface AdminSettings {
        @Meaning("Port of the admin API, on 127.0.0.1 only; 0 for any free one.")
        @WithDefault("15000")
        int port();

        @Meaning(
                "The last requests that `/requests` on the admin port shows, without queries, headers and bodies. 0 keeps"
                        + " none.")
        @WithDefault("200")
        int recentRequests();
    }

    interface HealthSettings {
        @Meaning("Port of health and metrics; 0 for any free one.")
        @WithDefault("15021")
        int port();

        @Meaning("Longest time that an event loop may stand still; beyond it `/healthz/live` answers 503, so that the"
                + " process is restarted.")
        @WithDefault("30s")
        Duration maxBlocked();
    }

    interface DrainSettings {
        @Meaning(
                "Shortest time between the signal to stop and the end: load balancers learn late that an instance is not"
                        + " ready. At most four fifths of the grace.")
        @WithDefault("5s")
        Duration delay();

        @Meaning(
                "Longest time that requests in flight have to finish after the signal to stop. In its last fifth no new"
                        + " connections are accepted.")
        @WithDefault("30s")
        Duration grace();
    }

    interface MetricsSettings {
        @Meaning("Label combinations that are counted one by one; further ones are counted as one, named `overflow`.")
        @WithDefault("2000")
        int maxSeries();

        @Meaning("The most values of each label that a Telemetry sets (`tagOverrides` with UPSERT); further"
                + " ones are `other`.")
        @WithDefault("100")
        int maxLabelValues();

        @Meaning(
                "Upper bounds of the buckets of `istio_request_duration_milliseconds`, rising; `none` for sum and count"
                        + " alone.")
        @WithDefault("1,5,10,25,50,100,250,500,1000,5000,30000")
        List<String> durationBuckets();

        @Meaning("Upper bounds of the buckets of `istio_request_bytes`, rising; `none` for sum and count alone.")
        @WithDefault("100,1000,10000,100000,1000000,10000000")
        List<String> requestSizeBuckets();

        @Meaning("Upper bounds of the buckets of `istio_response_bytes`, rising; `none` for sum and count alone.")
        @WithDefault("100,1000,10000,100000,1000000,10000000")
        List<String> responseSizeBuckets();

        MetricExportSettings otlp();
    }

    interface ProxyProtocolSettings {
        @Meaning("Expects a PROXY protocol header (version 1 or 2) on every connection from `allowed-cidrs`.")
        @WithDefault("false")
        boolean enabled();

        @Meaning("Address ranges of the proxies whose header is believed; needed where it is enabled.")
        Optional<List<String>> allowedCidrs();
    }

    interface ReloadSettings {
        @Meaning("How often the directories are compared with what is served, besides the file system's own notices."
                + " More seldom where they have thousands of files, but within ten times this.")
        @WithDefault("1s")
        Duration pollInterval();
    }
}
