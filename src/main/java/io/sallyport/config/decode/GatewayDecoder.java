package io.sallyport.config.decode;

import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.Port;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.Server;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.config.model.ServerTlsSettings.TlsCertificate;
import io.sallyport.config.model.ServerTlsSettings.TlsProtocol;
import io.sallyport.config.yaml.ObjectReader;

/// networking/v1/gateway.proto.
final class GatewayDecoder {
    private GatewayDecoder() {}

    static Gateway read(ResourceMeta meta, ObjectReader spec) {
        return new Gateway(meta, spec.objects("servers", GatewayDecoder::server), spec.textMap("selector"));
    }

    private static Server server(ObjectReader in) {
        String bind = in.text("bind");
        Port port = in.object("port", reader -> port(reader, bind.startsWith(Server.UNIX)));
        if (!in.has("port")) {
            in.missing("port", "is required");
        }
        return new Server(
                port == null ? new Port(0, PortProtocol.UNSPECIFIED, "", 0, in.at()) : port,
                bind,
                in.texts("hosts"),
                in.object("tls", GatewayDecoder::tls),
                in.text("defaultEndpoint"),
                in.text("name"),
                in.at());
    }

    /// @param unnumbered a Unix socket has no port
    private static Port port(ObjectReader in, boolean unnumbered) {
        return new Port(
                unnumbered ? in.uint32("number") : in.requiredUint32("number"),
                Protocols.read(in, true),
                in.requiredText("name"),
                in.uint32("targetPort"),
                in.at());
    }

    private static ServerTlsSettings tls(ObjectReader in) {
        return new ServerTlsSettings(
                in.bool("httpsRedirect"),
                in.constant("mode", ServerTlsSettings.Mode.values()),
                in.text("serverCertificate"),
                in.text("privateKey"),
                in.text("caCertificates"),
                in.text("caCrl"),
                in.text("credentialName"),
                in.texts("credentialNames"),
                in.text("caCertCredentialName"),
                in.objects("tlsCertificates", GatewayDecoder::certificate),
                in.texts("subjectAltNames"),
                in.texts("verifyCertificateSpki"),
                in.texts("verifyCertificateHash"),
                in.constant("minProtocolVersion", TlsProtocol.values()),
                in.constant("maxProtocolVersion", TlsProtocol.values()),
                in.texts("cipherSuites"),
                in.optionalBool("insecureSkipVerify"),
                in.at());
    }

    private static TlsCertificate certificate(ObjectReader in) {
        return new TlsCertificate(
                in.text("serverCertificate"), in.text("privateKey"), in.text("caCertificates"), in.at());
    }
}
