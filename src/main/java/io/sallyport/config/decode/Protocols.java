package io.sallyport.config.decode;

import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.ObjectReader;
import io.sallyport.config.yaml.Suggestion;
import java.util.Arrays;
import java.util.List;

/// The `protocol` of ports: text in the proto, of which Istio knows a fixed list without case.
final class Protocols {
    private static final List<String> NAMES = Arrays.stream(PortProtocol.values())
            .filter(protocol -> protocol != PortProtocol.UNSPECIFIED)
            .map(PortProtocol::istioName)
            .toList();

    private Protocols() {}

    static PortProtocol read(ObjectReader port, boolean required) {
        String written = required ? port.requiredText("protocol") : port.text("protocol");
        PortProtocol protocol = PortProtocol.of(written);
        if (protocol != null) {
            return protocol;
        }
        String message = Quote.of(written) + " is not one of " + String.join(", ", NAMES);
        port.place()
                .field("protocol")
                .report(ProblemCode.UNKNOWN_VALUE, message, Suggestion.didYouMean(written, NAMES));
        return PortProtocol.UNSPECIFIED;
    }
}
