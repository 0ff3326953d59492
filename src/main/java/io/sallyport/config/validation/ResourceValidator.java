package io.sallyport.config.validation;

import io.sallyport.config.decode.DecodedResource;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.MeshConfig;
import io.sallyport.config.model.PeerAuthentication;
import io.sallyport.config.model.RequestAuthentication;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.Telemetry;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.yaml.Place;

/// Checks one resource by itself.
public final class ResourceValidator {
    private ResourceValidator() {}

    /// Reports into the resource's document. A resource of which a part could not be read is left alone: the checks
    /// would call missing what only stands there wrongly.
    public static void validate(DecodedResource decoded) {
        Resource resource = decoded.resource();
        if (resource == null || !decoded.complete()) {
            return;
        }
        Place spec = decoded.document().field("spec");
        switch (resource) {
            case Gateway gateway -> GatewayValidator.validate(gateway, decoded.document());
            case VirtualService service -> VirtualServiceValidator.validate(service, spec);
            case DestinationRule rule -> DestinationRuleValidator.validate(rule, spec);
            case ServiceEntry entry -> ServiceEntryValidator.validate(entry, spec);
            case AuthorizationPolicy policy -> AuthorizationPolicyValidator.validate(policy, decoded.document());
            case PeerAuthentication policy -> PeerAuthenticationValidator.validate(policy, spec);
            case MeshConfig config -> MeshConfigValidator.validate(config, decoded.document());
            case RequestAuthentication tokens -> RequestAuthenticationValidator.validate(tokens, decoded.document());
            case Telemetry telemetry -> TelemetryValidator.validate(telemetry, spec);
        }
        NotYetEnforced.report(resource.meta().kind(), decoded.document());
    }
}
