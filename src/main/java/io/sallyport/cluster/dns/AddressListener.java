package io.sallyport.cluster.dns;

import java.net.InetAddress;
import java.util.List;

/// Receives a name's addresses. Called on the event loop of the [NameResolution].
public interface AddressListener {
    /// The addresses: the first time, whenever they change, and when look-ups work again after they failed. Empty where
    /// the name does not exist. Sorted, so that an answer in another order is no change.
    void onAddresses(List<InetAddress> addresses);

    /// A look-up failed. Addresses that were reported before stay valid.
    ///
    /// @param reason for the log
    void onFailure(String reason);
}
