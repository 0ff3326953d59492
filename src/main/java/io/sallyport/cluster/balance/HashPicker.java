package io.sallyport.cluster.balance;

import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Requests with one key go to one endpoint. Where it cannot be had, they go to the next in line, which is the same one
/// for all requests with that key; a request without a key goes anywhere.
final class HashPicker implements EndpointPicker {
    /// Slots looked at in line, before any available endpoint will do.
    private static final int STEPS = 4096;

    private final HashKey key;
    private final HashTable table;
    private final EndpointSet set;

    /// @param table of the set's places
    HashPicker(HashKey key, HashTable table, EndpointSet set) {
        this.key = key;
        this.table = table;
        this.set = set;
    }

    /// Of the request's key; of its own for a request without one.
    static long hash(HashKey key, RequestContext context) {
        CharSequence text = context.hashKey(key);
        return text == null ? ThreadLocalRandom.current().nextLong() : XxHash64.hash(text, 0);
    }

    @Override
    public @Nullable Endpoint pick(RequestContext context) {
        if (table.slots() == 0) {
            return null;
        }
        int slot = table.slot(hash(key, context));
        Endpoint available = null;
        int steps = Math.min(table.slots(), STEPS);
        for (int i = 0; i < steps; i++) {
            Endpoint endpoint = set.get(table.owner(slot));
            if (LoadBalancer.isEligible(endpoint, context)) {
                return endpoint;
            }
            if (available == null && endpoint.isAvailable()) {
                available = endpoint;
            }
            slot = table.after(slot);
        }
        return available == null ? inOrder(context) : available;
    }

    /// An endpoint with so few slots that none was met.
    private @Nullable Endpoint inOrder(RequestContext context) {
        Endpoint available = null;
        for (int i = 0; i < set.size(); i++) {
            Endpoint endpoint = set.get(i);
            if (LoadBalancer.isEligible(endpoint, context)) {
                return endpoint;
            }
            available = available == null && endpoint.isAvailable() ? endpoint : available;
        }
        return available;
    }
}
