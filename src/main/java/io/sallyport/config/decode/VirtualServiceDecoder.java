package io.sallyport.config.decode;

import io.sallyport.config.model.L4MatchAttributes;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.RouteDestination;
import io.sallyport.config.model.TcpRoute;
import io.sallyport.config.model.TlsMatchAttributes;
import io.sallyport.config.model.TlsRoute;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.yaml.ObjectReader;

/// networking/v1/virtual_service.proto, but for HTTP routes.
final class VirtualServiceDecoder {
    private VirtualServiceDecoder() {}

    static VirtualService read(ResourceMeta meta, ObjectReader spec) {
        return new VirtualService(
                meta,
                spec.texts("hosts"),
                spec.texts("gateways"),
                spec.objects("http", HttpRouteDecoder::read),
                spec.objects("tls", VirtualServiceDecoder::tlsRoute),
                spec.objects("tcp", VirtualServiceDecoder::tcpRoute),
                spec.texts("exportTo"));
    }

    private static TlsRoute tlsRoute(ObjectReader in) {
        return new TlsRoute(
                in.objects("match", VirtualServiceDecoder::tlsMatch),
                in.objects("route", VirtualServiceDecoder::destination),
                in.at());
    }

    private static TlsMatchAttributes tlsMatch(ObjectReader in) {
        in.removed("sourceSubnet", "delete it");
        return new TlsMatchAttributes(
                in.texts("sniHosts"),
                in.texts("destinationSubnets"),
                in.uint32("port"),
                in.textMap("sourceLabels"),
                in.texts("gateways"),
                in.text("sourceNamespace"),
                in.at());
    }

    private static TcpRoute tcpRoute(ObjectReader in) {
        return new TcpRoute(
                in.objects("match", VirtualServiceDecoder::l4Match),
                in.objects("route", VirtualServiceDecoder::destination),
                in.at());
    }

    private static L4MatchAttributes l4Match(ObjectReader in) {
        return new L4MatchAttributes(
                in.texts("destinationSubnets"),
                in.uint32("port"),
                in.text("sourceSubnet"),
                in.textMap("sourceLabels"),
                in.texts("gateways"),
                in.text("sourceNamespace"),
                in.at());
    }

    private static RouteDestination destination(ObjectReader in) {
        return new RouteDestination(Destinations.required(in), in.int32("weight"), in.at());
    }
}
