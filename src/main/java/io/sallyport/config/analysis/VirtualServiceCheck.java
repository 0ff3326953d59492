package io.sallyport.config.analysis;

import io.sallyport.config.model.VirtualService;

/// A check of one VirtualService by itself and of what it names: gateways, services and their rules. What it
/// finds depends on nothing else of the configuration, hints apart.
interface VirtualServiceCheck {
    void check(AnalysisContext context, VirtualService virtualService);
}
