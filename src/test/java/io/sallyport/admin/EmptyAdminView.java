package io.sallyport.admin;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/// The admin API's view of a gateway that has nothing to show; what is listed is as [#clusters] where no more is said.
public class EmptyAdminView implements AdminView {
    @Override
    public JsonObject status() {
        return new JsonObject();
    }

    @Override
    public JsonObject resources(boolean faultsOnly) {
        return new JsonObject();
    }

    @Override
    public JsonObject configDump() {
        return new JsonObject();
    }

    @Override
    public JsonArray listeners() {
        return new JsonArray();
    }

    @Override
    public Listing<?> clusters() {
        return new Listing<>(List.<JsonObject>of(), JsonObject::encode, row -> row);
    }

    @Override
    public Listing<?> routes() {
        return clusters();
    }

    @Override
    public JsonObject egress() {
        return new JsonObject().put("mode", "registry-only");
    }

    @Override
    public JsonObject stalls() {
        return new JsonObject().put("stalls", new JsonArray());
    }

    @Override
    public JsonObject identity() {
        return new JsonObject().put("spiffeId", "spiffe://example.org/gateway");
    }

    @Override
    public Listing<?> requests() {
        return clusters();
    }

    @Override
    public Listing<?> policies() {
        return clusters();
    }

    @Override
    public Listing<?> egressEntries() {
        return clusters();
    }

    @Override
    public Listing<?> egressDenied() {
        return clusters();
    }

    @Override
    public Listing<?> certificates() {
        return clusters();
    }

    @Override
    public JsonObject explain(MultiMap parameters) {
        return new JsonObject();
    }
}
