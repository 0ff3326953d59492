package io.sallyport.http.h2;

import io.sallyport.http.ClientConnection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Writes down what a connection tells its pool.
final class RecordingOwner implements ClientConnection.Owner {
    final List<String> events = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void onAvailable(ClientConnection connection) {
        events.add("available " + connection.availableStreams());
    }

    @Override
    public void onDraining(ClientConnection connection) {
        events.add("draining");
    }

    @Override
    public void onClosed(ClientConnection connection) {
        events.add("closed");
    }
}
