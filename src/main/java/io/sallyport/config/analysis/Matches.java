package io.sallyport.config.analysis;

import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.L4MatchAttributes;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.TcpRoute;
import io.sallyport.config.model.TlsMatchAttributes;
import io.sallyport.config.model.TlsRoute;
import io.sallyport.config.model.VirtualService;
import java.util.List;

/// The conditions on where a request came in, which matches of all three kinds have.
final class Matches {
    private Matches() {}

    /// Visits the `gateways` of each match.
    interface GatewaysVisitor {
        void visit(List<String> references, String field, Position at);
    }

    /// Visits the `port` of each match that has one.
    interface PortVisitor {
        void visit(int port, String field, Position at);
    }

    private interface Visitor {
        void visit(List<String> gateways, int port, String field, Position at);
    }

    static void forEachGateways(VirtualService virtualService, GatewaysVisitor visitor) {
        walk(virtualService, (gateways, _, field, at) -> visitor.visit(gateways, field + ".gateways", at));
    }

    static void forEachPort(VirtualService virtualService, PortVisitor visitor) {
        walk(virtualService, (_, port, field, at) -> {
            if (port != 0) {
                visitor.visit(port, field + ".port", at);
            }
        });
    }

    private static void walk(VirtualService virtualService, Visitor visitor) {
        for (int i = 0; i < virtualService.http().size(); i++) {
            HttpRoute route = virtualService.http().get(i);
            for (int j = 0; j < route.match().size(); j++) {
                HttpMatchRequest match = route.match().get(j);
                visitor.visit(match.gateways(), match.port(), Fields.match("spec.http", i, j), match.at());
            }
        }
        for (int i = 0; i < virtualService.tls().size(); i++) {
            TlsRoute route = virtualService.tls().get(i);
            for (int j = 0; j < route.match().size(); j++) {
                TlsMatchAttributes match = route.match().get(j);
                visitor.visit(match.gateways(), match.port(), Fields.match("spec.tls", i, j), match.at());
            }
        }
        for (int i = 0; i < virtualService.tcp().size(); i++) {
            TcpRoute route = virtualService.tcp().get(i);
            for (int j = 0; j < route.match().size(); j++) {
                L4MatchAttributes match = route.match().get(j);
                visitor.visit(match.gateways(), match.port(), Fields.match("spec.tcp", i, j), match.at());
            }
        }
    }
}
