package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Severity;
import java.util.TreeMap;

/// Gateways that are not for this instance (IST0101 for selectors).
final class GatewaySelectors implements Analyzer {
    @Override
    public void analyze(AnalysisContext context) {
        ConfigurationIndex index = context.index();
        Severity severity = index.selectedGateways().isEmpty() ? Severity.WARNING : Severity.INFO;
        for (Gateway gateway : index.configuration().gateways()) {
            if (!index.scope().selectedBy(gateway.selector())) {
                context.report(
                        ProblemCode.GATEWAY_NOT_SELECTED,
                        severity,
                        gateway.meta().at(),
                        "spec.selector",
                        gateway.meta() + " selects " + new TreeMap<>(gateway.selector())
                                + ", which is not within this instance's labels "
                                + new TreeMap<>(index.scope().labels()),
                        "set sallyport.labels, or mend the selector");
            }
        }
    }
}
