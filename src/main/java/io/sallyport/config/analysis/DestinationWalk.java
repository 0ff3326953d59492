package io.sallyport.config.analysis;

import io.sallyport.config.model.Destination;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.RouteDestination;
import io.sallyport.config.model.VirtualService;
import java.util.List;

/// Every destination that a VirtualService names, mirrors too.
public final class DestinationWalk {
    private DestinationWalk() {}

    public interface Visitor {
        /// @param field path of the destination itself
        void visit(Destination destination, String field);
    }

    public static void forEach(VirtualService virtualService, Visitor visitor) {
        for (int i = 0; i < virtualService.http().size(); i++) {
            walk(virtualService.http().get(i), Fields.item("spec.http", i), visitor);
        }
        for (int i = 0; i < virtualService.tls().size(); i++) {
            walk(virtualService.tls().get(i).route(), Fields.item("spec.tls", i), visitor);
        }
        for (int i = 0; i < virtualService.tcp().size(); i++) {
            walk(virtualService.tcp().get(i).route(), Fields.item("spec.tcp", i), visitor);
        }
    }

    private static void walk(HttpRoute route, String field, Visitor visitor) {
        for (int i = 0; i < route.route().size(); i++) {
            visitor.visit(route.route().get(i).destination(), Fields.item(field + ".route", i) + ".destination");
        }
        if (route.mirror() != null) {
            visitor.visit(route.mirror(), field + ".mirror");
        }
        for (int i = 0; i < route.mirrors().size(); i++) {
            visitor.visit(route.mirrors().get(i).destination(), Fields.item(field + ".mirrors", i) + ".destination");
        }
    }

    private static void walk(List<RouteDestination> destinations, String field, Visitor visitor) {
        for (int i = 0; i < destinations.size(); i++) {
            visitor.visit(destinations.get(i).destination(), Fields.item(field + ".route", i) + ".destination");
        }
    }
}
