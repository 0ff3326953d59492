package io.sallyport.compile;

import io.sallyport.config.index.InstanceScope;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.identity.CredentialStore;
import io.sallyport.identity.IdentitySource;
import io.sallyport.jwt.KeySource;
import io.sallyport.policy.TrustDomains;
import io.sallyport.route.HeaderCredential;
import io.sallyport.route.RequestPaths;
import io.sallyport.trace.TraceDefaults;
import io.sallyport.workload.WorkloadTokens;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What compilation takes from the process, not from resources.
///
/// @param scope where this instance stands in the mesh
/// @param portMap a Gateway's port number to the port that is bound instead (`sallyport.port-map.<n>`)
/// @param secrets where credentialName is looked up; null where the caller has none (`validate` without secrets):
///     certificates are then not read
/// @param identity gives the gateway's own SVID; null where there is none
/// @param trustDomain of the mesh, `cluster.local` by default
/// @param egress what mesh clients may reach, and by which port
/// @param catalog of the mesh's services; [ServiceCatalog#NONE] where they are not discovered
/// @param paths how the paths are made canonical that matches are compared with
/// @param trustDomainAliases further names of the trust domain, which policies and peers' identities may use
/// @param traces how requests are traced where no resource says otherwise
/// @param tokens gives JWT-SVIDs, and the keys of trust domains; null where there is no Workload API
/// @param log how they are logged likewise
public record CompileOptions(
        InstanceScope scope,
        Map<Integer, Integer> portMap,
        @Nullable CredentialStore secrets,
        @Nullable IdentitySource identity,
        String trustDomain,
        EgressOptions egress,
        ServiceCatalog catalog,
        RequestPaths paths,
        List<String> trustDomainAliases,
        TraceDefaults traces,
        @Nullable WorkloadTokens tokens,
        LogDefaults log) {

    public CompileOptions {
        portMap = Map.copyOf(portMap);
        trustDomainAliases = List.copyOf(trustDomainAliases);
    }

    /// With the default paths.
    public CompileOptions(
            InstanceScope scope,
            Map<Integer, Integer> portMap,
            @Nullable CredentialStore secrets,
            @Nullable IdentitySource identity,
            String trustDomain,
            EgressOptions egress,
            ServiceCatalog catalog) {
        this(
                scope,
                portMap,
                secrets,
                identity,
                trustDomain,
                egress,
                catalog,
                RequestPaths.DEFAULT,
                List.of(),
                TraceDefaults.NONE,
                null,
                LogDefaults.USUAL);
    }

    /// Without discovery.
    public CompileOptions(
            InstanceScope scope,
            Map<Integer, Integer> portMap,
            @Nullable CredentialStore secrets,
            @Nullable IdentitySource identity,
            String trustDomain,
            EgressOptions egress) {
        this(scope, portMap, secrets, identity, trustDomain, egress, ServiceCatalog.NONE);
    }

    public static CompileOptions defaults() {
        return new CompileOptions(
                InstanceScope.defaults(), Map.of(), null, null, "cluster.local", EgressOptions.NO_MESH);
    }

    public CompileOptions withPaths(RequestPaths others) {
        return with(others, trustDomainAliases, traces, tokens, log);
    }

    public CompileOptions withTrustDomainAliases(List<String> aliases) {
        return with(paths, aliases, traces, tokens, log);
    }

    public CompileOptions withTraces(TraceDefaults others) {
        return with(paths, trustDomainAliases, others, tokens, log);
    }

    public CompileOptions withTokens(@Nullable WorkloadTokens giver) {
        return with(paths, trustDomainAliases, traces, giver, log);
    }

    public CompileOptions withLog(LogDefaults others) {
        return with(paths, trustDomainAliases, traces, tokens, others);
    }

    private CompileOptions with(
            RequestPaths newPaths,
            List<String> newAliases,
            TraceDefaults newTraces,
            @Nullable WorkloadTokens newTokens,
            LogDefaults newLog) {
        return new CompileOptions(
                scope,
                portMap,
                secrets,
                identity,
                trustDomain,
                egress,
                catalog,
                newPaths,
                newAliases,
                newTraces,
                newTokens,
                newLog);
    }

    /// The keys that a trust domain's JWT-SVIDs are verified by.
    KeySource workloadKeys(String ofTrustDomain) {
        return tokens == null ? new KeySource.Absent(ofTrustDomain) : tokens.keys(ofTrustDomain);
    }

    /// The gateway's own JWT-SVID for an audience.
    HeaderCredential workloadCredential(String audience) {
        return tokens == null
                ? new HeaderCredential.Absent(WorkloadTokens.description(audience))
                : tokens.credential(audience);
    }

    TrustDomains trustDomains() {
        return new TrustDomains(trustDomain, trustDomainAliases);
    }

    /// The port to bind for a Gateway's port number.
    int bindPort(int number) {
        return portMap.getOrDefault(number, number);
    }
}
