/// The resources of one configuration, arranged for the questions that both the checks and the compiler ask: which
/// gateway a reference means, what a short host name stands for, which DestinationRule and ServiceEntry govern a host,
/// which VirtualServices a gateway has, and what remains of a route after delegation. Built once, read-only after, and
/// linear in the size of the configuration.
@NullMarked
package io.sallyport.config.index;

import org.jspecify.annotations.NullMarked;
