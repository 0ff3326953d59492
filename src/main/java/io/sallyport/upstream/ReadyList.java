package io.sallyport.upstream;

import org.jspecify.annotations.Nullable;

/// The connections that have room for a request, the one used last in front: reusing that one keeps it warm and lets
/// the surplus grow old and close. Threaded through the connections, so that any can leave at no cost.
final class ReadyList {
    private @Nullable PooledConnection newest;
    private @Nullable PooledConnection oldest;

    @Nullable
    PooledConnection newest() {
        return newest;
    }

    @Nullable
    PooledConnection oldest() {
        return oldest;
    }

    void add(PooledConnection connection) {
        if (connection.listed) {
            return;
        }
        connection.listed = true;
        PooledConnection before = newest;
        connection.older = before;
        connection.newer = null;
        if (before == null) {
            oldest = connection;
        } else {
            before.newer = connection;
        }
        newest = connection;
    }

    void remove(PooledConnection connection) {
        if (!connection.listed) {
            return;
        }
        connection.listed = false;
        PooledConnection newer = connection.newer;
        PooledConnection older = connection.older;
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
        if (older == null) {
            oldest = newer;
        } else {
            older.newer = newer;
        }
        connection.newer = null;
        connection.older = null;
    }
}
