package io.sallyport.jwks;

import io.sallyport.jwt.KeySource;
import java.util.HashMap;
import java.util.Map;

/// The origins of one configuration. Those that the next configuration has, too, keep what they have fetched.
public final class KeysInUse {
    public static final KeysInUse NONE = new KeysInUse(Map.of());

    private record Use(FetchedKeys keys, KeyRoute route) {}

    private final Map<KeySetOrigin, Use> all;

    private KeysInUse(Map<KeySetOrigin, Use> all) {
        this.all = all;
    }

    /// Those of the next configuration, while it is compiled.
    public static final class Draft {
        private final KeysInUse before;
        private final Map<KeySetOrigin, Use> all = new HashMap<>();

        private Draft(KeysInUse before) {
            this.before = before;
        }

        /// The keys at an origin.
        ///
        /// @param route by which it is reached; of several that rules have for the same origin, the most
        ///     patient one
        public KeySource require(KeySetOrigin origin, KeyRoute route) {
            return all.compute(origin, (_, use) -> {
                        Use known = use == null ? before.all.get(origin) : use;
                        return new Use(
                                known == null ? new FetchedKeys(origin) : known.keys,
                                use == null ? route : use.route.orLonger(route));
                    })
                    .keys();
        }

        public KeysInUse done() {
            return all.isEmpty() ? NONE : new KeysInUse(all);
        }
    }

    public Draft next() {
        return new Draft(this);
    }

    /// These take the place of others: what is new is fetched, what is gone no more.
    public void replace(KeysInUse others, KeyFetcher fetcher) {
        all.values().forEach(use -> use.keys.start(fetcher, use.route));
        others.all.forEach((origin, use) -> {
            Use now = all.get(origin);
            if (now == null || now.keys != use.keys) {
                use.keys.stop();
            }
        });
    }
}
