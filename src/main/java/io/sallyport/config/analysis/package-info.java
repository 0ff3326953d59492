/// Checks across resources, as Istio's analysis makes them, for what one gateway instance without a control plane can
/// know. [ConfigurationCheck] is the entry; each check is an [Analyzer] of its own. The identifiers `ISTnnnn` in
/// the comments are those of Istio's messages.
@NullMarked
package io.sallyport.config.analysis;

import org.jspecify.annotations.NullMarked;
