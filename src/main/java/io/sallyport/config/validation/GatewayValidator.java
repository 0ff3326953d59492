package io.sallyport.config.validation;

import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.Port;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.Server;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.net.AddressRange;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Validates a Gateway and its servers, as Istio's `ValidateGateway` does.
final class GatewayValidator {
    private static final Set<PortProtocol> NOT_FOR_SERVERS =
            Set.of(PortProtocol.UDP, PortProtocol.MYSQL, PortProtocol.REDIS);

    private GatewayValidator() {}

    static void validate(Gateway gateway, Place document) {
        Place spec = document.field("spec");
        Checks.name(gateway.meta().name(), document.field("metadata").field("name"));
        LabelChecks.selector(gateway.selector(), spec.field("selector"));
        if (gateway.servers().isEmpty()) {
            spec.field("servers").report(ProblemCode.NO_SERVERS, "a Gateway has at least one server");
        }
        Set<String> portNames = new HashSet<>();
        for (int i = 0; i < gateway.servers().size(); i++) {
            Server server = gateway.servers().get(i);
            Place place = spec.field("servers").index(i);
            String name = server.port().name();
            if (!name.isEmpty() && !portNames.add(name)) {
                String message = "port name " + Quote.of(name) + " is given twice";
                place.field("port").field("name").report(ProblemCode.DUPLICATE_NAME, message);
            }
            server(server, place);
        }
    }

    private static void server(Server server, Place place) {
        hosts(server.hosts(), place.field("hosts"));
        port(server.port(), server.isOnUnixSocket(), place.field("port"));
        bind(server, place.field("bind"));
        PortProtocol protocol = server.port().protocol();
        if (protocol.isTls() && server.tls() == null) {
            String message = protocol + " needs tls";
            place.field("tls").report(ProblemCode.TLS_REQUIRED, message, "give tls.mode and tls.credentialName");
        }
        if (server.tls() == null) {
            return;
        }
        if (protocol.isTls()) {
            ServerTlsValidator.validate(server.tls(), place.field("tls"));
        } else if (protocol != PortProtocol.UNSPECIFIED) {
            ServerTlsValidator.onPlainPort(server.tls(), protocol, place.field("tls"));
        }
    }

    private static void bind(Server server, Place place) {
        String bind = server.bind();
        if (!server.isOnUnixSocket()) {
            if (!bind.isEmpty() && !AddressRange.isAddress(bind)) {
                String message = Quote.of(bind) + " is neither an IP address nor a Unix socket";
                place.report(ProblemCode.BAD_BIND, message, "such as 127.0.0.1 or unix:///run/gateway.sock");
            }
            return;
        }
        String socket = bind.substring(Server.UNIX.length());
        if (!socket.startsWith("/") && !socket.startsWith("@")) {
            String message = Quote.of(bind) + " is not the absolute path of a Unix socket";
            place.report(ProblemCode.BAD_BIND, message, "such as unix:///run/gateway.sock");
        } else if (server.port().number() != 0) {
            String message = "a Unix socket has no port, so port.number cannot be "
                    + server.port().number();
            place.report(ProblemCode.BAD_BIND, message, "set it to 0");
        } else {
            String message = "the server on the Unix socket " + Quote.of(socket) + " is not served";
            place.report(ProblemCode.UNIX_BIND, message, "bind it to an address, or leave it to Istio's gateways");
        }
    }

    private static void port(Port port, boolean mayBeZero, Place place) {
        if (place.field("number").isPresent() && !(mayBeZero && port.number() == 0)) {
            Checks.port(port.number(), place.field("number"));
        }
        if (NOT_FOR_SERVERS.contains(port.protocol())) {
            String message = port.protocol() + " is not for a Gateway";
            String hint = port.protocol() == PortProtocol.UDP ? null : "use TCP";
            place.field("protocol").report(ProblemCode.BAD_SERVER_PROTOCOL, message, hint);
        }
        if (port.targetPort() != 0) {
            String message = "targetPort has no effect in a Gateway";
            place.field("targetPort").report(ProblemCode.UNUSED_TARGET_PORT, message, "delete it");
        }
    }

    private static void hosts(List<String> hosts, Place place) {
        if (hosts.isEmpty()) {
            place.report(ProblemCode.NO_HOSTS, "a server has at least one host", "* is all hosts");
        }
        for (int i = 0; i < hosts.size(); i++) {
            host(hosts.get(i), place.index(i));
        }
    }

    private static void host(String written, Place place) {
        int slash = written.indexOf('/');
        String host = written.substring(slash + 1);
        if (slash >= 0) {
            String namespace = written.substring(0, slash);
            if (!namespace.equals(".") && !namespace.equals("*") && !HostNames.isLabel(namespace)) {
                String message = Quote.of(namespace) + " is not a namespace";
                place.report(ProblemCode.BAD_SERVER_HOST, message, "namespace/host, ./host or */host");
            }
        }
        boolean shortName = !host.equals("*") && !host.contains(".") && !host.contains(":");
        if (AddressRange.isAddress(host)) {
            return;
        }
        if (shortName && HostNames.isLabel(host)) {
            String message = Quote.of(host) + " is a short name, which clients do not send";
            place.report(ProblemCode.BAD_SERVER_HOST, message, "write the full name");
        } else {
            HostNames.check(host, place);
        }
    }
}
