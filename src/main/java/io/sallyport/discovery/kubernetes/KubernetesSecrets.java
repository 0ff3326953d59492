package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.api.model.Secret;
import io.sallyport.discovery.SecretCatalog;
import io.sallyport.discovery.SecretName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Follows single Secrets: each has a watch of its own by its name, so that an account needs no right to see
/// others, and no other is ever in memory.
final class KubernetesSecrets implements SecretCatalog, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(KubernetesSecrets.class);

    /// Watches of an API server are not free.
    private static final int MOST = 500;
    /// The API server takes none that is larger.
    private static final int LARGEST_BYTES = 1024 * 1024;

    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");
    private static final Found NO_NAME = Found.unreadable("is not the name of a Secret");
    private static final Found TOO_MANY = Found.unreadable("is not followed: more than " + MOST + " Secrets are named");
    private static final Found FORBIDDEN =
            Found.unreadable("may not be read: the gateway's account needs get, list and watch for it");

    private final ApiServer server;
    /// In order, so that the same is said of a Secret each time.
    private final SortedSet<String> keys;
    private final Runnable onChange;
    private final Map<SecretName, Followed> followed = new HashMap<>();
    private long revision;
    private boolean changed;

    private final class Followed {
        private final SecretName name;
        /// Null where it is not asked for.
        private final @Nullable ObjectFeed<Secret> feed;

        private Found found;

        /// @param refused why it is not asked for; else null
        Followed(SecretName name, @Nullable Found refused) {
            this.name = name;
            found = refused == null ? Found.UNKNOWN : refused;
            feed = refused != null
                    ? null
                    : new ObjectFeed<>(
                            server,
                            new ObjectFeed.Kind<>(
                                    "Secret " + name,
                                    ObjectPath.core("secrets", name.namespace(), name.name()),
                                    Secret.class,
                                    false),
                            ObjectFeed.Refusal.FORBIDDEN,
                            () -> set(this, FORBIDDEN),
                            new ObjectFeed.Reader<>(
                                    (_, secret) -> set(this, read(secret)), _ -> set(this, Found.ABSENT)),
                            () -> answered(this));
        }
    }

    /// @param keys of a Secret that are read
    /// @param onChange called on any thread
    KubernetesSecrets(ApiServer server, Set<String> keys, Runnable onChange) {
        this.server = server;
        this.keys = new TreeSet<>(keys);
        this.onChange = onChange;
    }

    private Found read(Secret secret) {
        Map<String, String> texts = new HashMap<>();
        Map<String, String> data = Objects.requireNonNullElse(secret.getData(), Map.of());
        for (String key : keys) {
            String encoded = data.get(key);
            if (encoded == null) {
                continue;
            }
            if (encoded.length() > LARGEST_BYTES * 2) {
                return Found.unreadable("has more than 1 MiB in " + key);
            }
            try {
                // As of files: comments beside the armour may be in any encoding.
                texts.put(key, new String(Base64.getDecoder().decode(encoded), StandardCharsets.ISO_8859_1));
            } catch (IllegalArgumentException notBase64) {
                return Found.unreadable("holds no base64 in " + key);
            }
        }
        return Found.of(texts);
    }

    private synchronized boolean isFollowed(Followed secret) {
        return followed.get(secret.name) == secret;
    }

    private void set(Followed secret, Found found) {
        synchronized (this) {
            if (!isFollowed(secret) || found.equals(secret.found)) {
                return;
            }
            secret.found = found;
            revision++;
            changed = true;
            notifyAll();
        }
        if (found == FORBIDDEN) {
            LOG.warnf("Secret %s %s", secret.name, found.problem());
        }
        onChange.run();
    }

    /// A list without the Secret says that there is none.
    private void answered(Followed secret) {
        if (secret.feed != null && secret.feed.isEmpty()) {
            set(secret, Found.ABSENT);
        }
    }

    @Override
    public void follow(Set<SecretName> names) {
        List<ObjectFeed<Secret>> started = new ArrayList<>();
        List<ObjectFeed<Secret>> ended = new ArrayList<>();
        synchronized (this) {
            followed.values().removeIf(secret -> {
                boolean gone = !names.contains(secret.name);
                if (gone && secret.feed != null) {
                    ended.add(secret.feed);
                }
                return gone;
            });
            for (SecretName name : names) {
                if (!followed.containsKey(name)) {
                    Followed added = new Followed(name, refusal(name));
                    followed.put(name, added);
                    if (added.feed != null) {
                        started.add(added.feed);
                    }
                }
            }
        }
        ended.forEach(ObjectFeed::close);
        started.forEach(ObjectFeed::start);
    }

    private @Nullable Found refusal(SecretName name) {
        if (!NAMESPACE.matcher(name.namespace()).matches()
                || !NAME.matcher(name.name()).matches()) {
            return NO_NAME;
        }
        return followed.size() >= MOST ? TOO_MANY : null;
    }

    /// @param now [System#nanoTime]
    void look(long now) {
        feeds().forEach(feed -> feed.look(now));
    }

    @Override
    public synchronized Found find(SecretName name) {
        Followed secret = followed.get(name);
        return secret == null ? Found.UNKNOWN : secret.found;
    }

    @Override
    public synchronized boolean isSettled() {
        return followed.values().stream().allMatch(secret -> secret.found.known());
    }

    @Override
    public synchronized boolean await(Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        while (!isSettled()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000 + 1);
        }
        return true;
    }

    @Override
    public synchronized long revision() {
        return revision;
    }

    /// Whether any has changed since the last call.
    synchronized boolean publish() {
        boolean news = changed;
        changed = false;
        return news;
    }

    private synchronized List<ObjectFeed<Secret>> feeds() {
        return followed.values().stream()
                .map(secret -> secret.feed)
                .filter(Objects::nonNull)
                .toList();
    }

    boolean isWatching() {
        return feeds().stream().allMatch(ObjectFeed::isWatching);
    }

    /// What went wrong with the first of those that something did; null for none.
    @Nullable
    String lastError() {
        return feeds().stream()
                .map(ObjectFeed::lastError)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    @Override
    public void close() {
        feeds().forEach(ObjectFeed::close);
    }
}
