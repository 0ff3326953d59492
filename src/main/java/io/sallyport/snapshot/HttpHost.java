package io.sallyport.snapshot;

import io.sallyport.route.VirtualHost;

/// A virtual host as one Gateway server offers it.
///
/// @param httpsRedirect requests in plain text are answered with 301 to https (`ServerTLSSettings.https_redirect`)
/// @param server which server of which Gateway, for logs and `explain`
public record HttpHost(VirtualHost virtualHost, boolean httpsRedirect, ServerRef server) {}
