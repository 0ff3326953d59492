package io.sallyport.runtime;

import io.netty.util.AsciiString;
import io.sallyport.compile.CompileOptions;
import io.sallyport.compile.EgressOptions;
import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.ManifestStream;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.MeshFacts;
import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.model.MeshConfig.ForwardClientCertDetails;
import io.sallyport.config.source.ConfigurationFiles;
import io.sallyport.discovery.MeshDiscovery;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.identity.CredentialDirectory;
import io.sallyport.identity.CredentialStore;
import io.sallyport.identity.IdentityDirectory;
import io.sallyport.identity.IdentitySource;
import io.sallyport.proxy.ClientCertForwarding;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.reload.ConfigurationSource.OnError;
import io.sallyport.reload.DiscoveredSecrets;
import io.sallyport.reload.StoredSecrets;
import io.sallyport.route.RequestPaths;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsView;
import io.sallyport.runtime.settings.TracingView;
import io.sallyport.tunnel.TunnelSettings;
import io.sallyport.workload.EndpointSocket;
import io.sallyport.workload.WorkloadTokens;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Translates the process's settings for the parts that read configuration.
public final class ConfigurationSources {
    private static final String STANDARD_INPUT = "-";

    private ConfigurationSources() {}

    /// What reads the directory with these settings, and refuses it as a whole where it has errors.
    ///
    /// @param directory `-` for manifests on standard input
    /// @param secrets null where certificates are not to be read
    /// @param identity null where the gateway is taken to have one
    public static ConfigurationSource of(
            Settings settings, Path directory, @Nullable Path secrets, @Nullable Path identity) {
        return of(settings, directory, secrets, identity, OnError.REFUSE);
    }

    /// As the other.
    public static ConfigurationSource of(
            Settings settings, Path directory, @Nullable Path secrets, @Nullable Path identity, OnError onError) {
        return of(
                settings,
                isStandardInput(directory)
                        ? new ManifestStream(STANDARD_INPUT, System.in, loading(settings))
                        : new ConfigurationLoader(directory, loading(settings)),
                secrets == null ? null : new CredentialDirectory(secrets),
                identity == null ? null : new IdentityDirectory(identity),
                SettingsView.egress(settings),
                ServiceCatalog.NONE,
                tokens(settings),
                onError);
    }

    /// As [#of], where a process with these settings would begin: one with a directory of state
    /// (`sallyport.config.state-dir`) holds what the one before it served. Nothing is written there.
    public static ConfigurationSource afterRestart(
            Settings settings, Path directory, @Nullable Path secrets, @Nullable Path identity, OnError onError) {
        ConfigurationSource source = of(settings, directory, secrets, identity, onError);
        return settings.config()
                .stateDir()
                .map(state -> source.keepingIn(state, loading(settings)))
                .orElse(source);
    }

    /// What reads one manifest; secrets are not looked for.
    public static ConfigurationSource ofManifest(Settings settings, byte[] manifest) {
        return of(
                settings,
                new ManifestStream(STANDARD_INPUT, new ByteArrayInputStream(manifest), loading(settings)),
                null,
                null,
                SettingsView.egress(settings),
                ServiceCatalog.NONE,
                null,
                OnError.REFUSE);
    }

    /// Whether [#of] reads standard input in its place.
    public static boolean isStandardInput(Path directory) {
        return directory.toString().equals(STANDARD_INPUT);
    }

    /// JWT-SVIDs and keys from the Workload API, which is not asked yet; null where there is none.
    static @Nullable WorkloadTokens tokens(Settings settings) {
        EndpointSocket socket = SettingsView.istioAuthority(settings) != null
                ? null
                : settings.identity()
                        .endpointSocket()
                        .map(EndpointSocket::parse)
                        .orElse(null);
        if (socket == null) {
            return null;
        }
        List<String> trustDomains = new ArrayList<>(List.of(settings.trustDomain()));
        trustDomains.addAll(settings.trustDomainAliases().orElseGet(List::of));
        return new WorkloadTokens(socket, settings.identity().hint().orElse(null), trustDomains, Clock.systemUTC());
    }

    /// What reads the configuration of a serving process.
    ///
    /// @param discovery null where nothing is discovered
    /// @param identity the gateway's own
    /// @param tokens null where there is no Workload API
    static ConfigurationSource serving(
            Settings settings,
            @Nullable MeshDiscovery discovery,
            IdentitySource identity,
            @Nullable WorkloadTokens tokens) {
        ConfigurationSource source = of(
                settings,
                Discoveries.files(settings, loading(settings), discovery),
                secrets(settings, discovery),
                identity,
                SettingsView.egress(settings),
                discovery == null ? ServiceCatalog.NONE : discovery.catalog(),
                tokens,
                settings.config().onError());
        return settings.config()
                .stateDir()
                .map(state -> source.keepingIn(state, loading(settings)))
                .orElse(source);
    }

    private static CredentialStore secrets(Settings settings, @Nullable MeshDiscovery discovery) {
        CredentialDirectory directory =
                new CredentialDirectory(settings.secrets().dir());
        return discovery != null && settings.discovery().secrets()
                ? new DiscoveredSecrets(directory, discovery.secrets(), settings.namespace())
                : directory;
    }

    private static LoadOptions loading(Settings settings) {
        return LoadOptions.DEFAULT.withDefaultNamespace(settings.namespace());
    }

    private static ConfigurationSource of(
            Settings settings,
            ConfigurationFiles files,
            @Nullable CredentialStore credentials,
            @Nullable IdentitySource identity,
            EgressOptions egress,
            ServiceCatalog catalog,
            @Nullable WorkloadTokens tokens,
            OnError onError) {
        InstanceScope scope = SettingsView.scope(settings);
        Map<Integer, Integer> ports = SettingsView.portMap(settings);
        SecretLookup lookup = credentials == null ? SecretLookup.UNCHECKED : new StoredSecrets(credentials);
        return new ConfigurationSource(
                files,
                new AnalysisOptions(scope, ports, reservedPorts(settings), lookup)
                        .withMesh(new MeshFacts(
                                settings.trustDomain(),
                                Set.copyOf(settings.trustDomainAliases().orElseGet(List::of)),
                                settings.trustedHops(),
                                settings.proxyProtocol().enabled(),
                                ForwardClientCertDetails.valueOf(
                                        settings.clientCert().forward().name()))),
                new CompileOptions(scope, ports, credentials, identity, settings.trustDomain(), egress, catalog)
                        .withPaths(paths(settings))
                        .withTrustDomainAliases(settings.trustDomainAliases().orElseGet(List::of))
                        .withTraces(TracingView.defaults(settings))
                        .withTokens(tokens)
                        .withLog(SettingsView.log(settings)),
                Clock.systemUTC(),
                onError);
    }

    /// What reads the directory for its egress list, whether or not these settings have a mesh listener. Secrets are
    /// not read.
    public static ConfigurationSource ofEgressList(Settings settings, Path directory) {
        EgressOptions egress = SettingsView.egress(settings);
        int port = egress.hasMeshListener() ? egress.port() : settings.mesh().port();
        return of(
                settings,
                new ConfigurationLoader(directory, loading(settings)),
                null,
                null,
                new EgressOptions(
                        port, null, egress.mode(), egress.allowedCidrs(), egress.ownAddresses(), egress.processPorts()),
                ServiceCatalog.NONE,
                null,
                OnError.REFUSE);
    }

    /// Ports that the process itself takes, and what for.
    private static Map<Integer, String> reservedPorts(Settings settings) {
        Map<Integer, String> reserved = new LinkedHashMap<>();
        reserved.put(settings.health().port(), "health");
        reserved.put(settings.admin().port(), "admin");
        if (settings.mesh().enabled()) {
            reserved.put(settings.mesh().port(), "mesh");
        }
        return reserved;
    }

    private static RequestPaths paths(Settings settings) {
        return RequestPaths.of(settings.pathNormalization(), settings.encodedSlashes());
    }

    public static ProxySettings proxySettings(Settings settings) {
        return new ProxySettings(
                settings.trustedHops(),
                paths(settings),
                settings.via().orElse(null),
                new AsciiString(settings.serverHeader()),
                settings.flagHeader()
                        .map(AsciiString::new)
                        .map(AsciiString::toLowerCase)
                        .orElse(null),
                new TunnelSettings(settings.limits().tlsHandshakeTimeout(), SettingsView.httpLimits(settings.limits())),
                SettingsView.bytes(settings.limits().retryBodyBytes()),
                new ClientCertForwarding(
                        settings.clientCert().forward(), settings.clientCert().fields()));
    }
}
