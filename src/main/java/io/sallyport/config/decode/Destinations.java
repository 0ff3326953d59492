package io.sallyport.config.decode;

import io.sallyport.config.model.Destination;
import io.sallyport.config.yaml.ObjectReader;
import org.jspecify.annotations.Nullable;

/// `Destination` and `PortSelector`.
final class Destinations {
    private Destinations() {}

    static Destination read(ObjectReader in) {
        return new Destination(in.requiredText("host"), in.text("subset"), portSelector(in), in.at());
    }

    /// The field `destination`; absent is reported.
    static Destination required(ObjectReader in) {
        Destination destination = in.object("destination", Destinations::read);
        if (!in.has("destination")) {
            in.missing("destination", "is required");
        }
        return destination == null ? new Destination("", "", 0, in.at()) : destination;
    }

    /// The number of the field `port`; 0 when the field is absent.
    static int portSelector(ObjectReader in) {
        @Nullable
        Integer number = in.object("port", port -> {
            port.removed("name", "give the port's number");
            return port.requiredUint32("number");
        });
        return number == null ? 0 : number;
    }
}
