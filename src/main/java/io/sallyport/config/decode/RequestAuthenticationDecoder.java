package io.sallyport.config.decode;

import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.model.RequestAuthentication;
import io.sallyport.config.model.RequestAuthentication.ClaimToHeader;
import io.sallyport.config.model.RequestAuthentication.JwtHeader;
import io.sallyport.config.model.RequestAuthentication.JwtRule;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.yaml.ObjectReader;
import java.util.List;
import java.util.Map;

/// security/v1beta1/request_authentication.proto.
final class RequestAuthenticationDecoder {
    private RequestAuthenticationDecoder() {}

    static RequestAuthentication read(ResourceMeta meta, ObjectReader spec) {
        Map<String, String> selector = AuthorizationPolicyDecoder.selector(spec);
        List<TargetRef> targets = AuthorizationPolicyDecoder.targets(spec);
        return new RequestAuthentication(
                meta, selector, targets, spec.objects("jwtRules", RequestAuthenticationDecoder::rule));
    }

    private static JwtRule rule(ObjectReader in) {
        in.atMostOne("jwks", "jwksUri");
        return new JwtRule(
                in.text("issuer"),
                in.texts("audiences"),
                in.text("jwksUri"),
                in.text("jwks"),
                in.objects(
                        "fromHeaders",
                        header -> new JwtHeader(header.text("name"), header.text("prefix"), header.at())),
                in.texts("fromParams"),
                in.texts("fromCookies"),
                in.text("outputPayloadToHeader"),
                in.objects(
                        "outputClaimToHeaders",
                        claim -> new ClaimToHeader(claim.text("header"), claim.text("claim"), claim.at())),
                in.bool("forwardOriginalToken"),
                in.duration("timeout"),
                in.texts("spaceDelimitedClaims"),
                in.at());
    }
}
