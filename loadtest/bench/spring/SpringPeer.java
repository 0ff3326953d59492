package peer;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/// Spring Cloud Gateway with the routes of the load test: one for the host bench.example, and many by path for
/// routes.example.
@SpringBootApplication
public class SpringPeer {
    public static void main(String[] args) {
        SpringApplication.run(SpringPeer.class, args);
    }

    @Bean
    RouteLocator routes(RouteLocatorBuilder builder, Environment environment) {
        String origin = environment.getRequiredProperty("bench.origin");
        int count = environment.getRequiredProperty("bench.routes", Integer.class);
        RouteLocatorBuilder.Builder routes =
                builder.routes().route("bench", r -> r.host("bench.example").uri(origin));
        for (int i = 0; i < count; i++) {
            String path = "/r" + i + "/**";
            routes.route("r" + i, r -> r.host("routes.example").and().path(path).uri(origin));
        }
        return routes.build();
    }
}
