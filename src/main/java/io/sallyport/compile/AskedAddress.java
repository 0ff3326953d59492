package io.sallyport.compile;

import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServicePort;

/// An address by which clients ask for a service, and which is connected to as they ask for it.
///
/// @param service the host of the entry whose VirtualServices and DestinationRule hold for it
/// @param range `10.0.0.0/8`, or a bare address
/// @param asked the port that clients ask for
/// @param target the port that is connected to
record AskedAddress(ServiceEntry entry, ServicePort port, String service, String range, int asked, int target) {}
