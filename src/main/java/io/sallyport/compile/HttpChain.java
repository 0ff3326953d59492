package io.sallyport.compile;

import io.sallyport.config.index.HostMap;
import io.sallyport.config.model.VirtualService;
import io.sallyport.persistent.PersistentMap;
import io.sallyport.route.HostIndex;
import io.sallyport.snapshot.HttpHost;
import java.util.List;

/// The virtual hosts of a filter chain, with what they are made of.
///
/// @param servers of the chain
/// @param byHost the servers by their hosts
/// @param routes of each server's place
/// @param canonical whether no two domains stand for the same, see [HostIndex#isCanonical]
record HttpChain(
        List<GatewayServer> servers,
        HostMap<GatewayServer> byHost,
        List<PersistentMap<VirtualService, RouteMemory.Routes>> routes,
        boolean canonical,
        HostIndex<HttpHost> hosts) {}
