package io.sallyport.telemetry;

import io.sallyport.telemetry.SeriesLabels.Protocol;

/// What a series is known by, and shown with.
interface ShownLabels {
    Protocol protocol();

    /// Hands over the labels.
    void write(InstanceLabels instance, LabelSink out);

    /// What the destination chooses of the labels, which are its response codes and gRPC statuses.
    default Outcome outcome() {
        String[] found = {"", "", ""};
        write(InstanceLabels.UNKNOWN, new LabelSink() {
            @Override
            public LabelSink label(String name, String value) {
                switch (name) {
                    case "destination_service" -> found[0] = value;
                    case "response_code" -> found[1] = value;
                    case "grpc_response_status" -> found[2] = value;
                    default -> {}
                }
                return this;
            }
        });
        return new Outcome(found[0], found[1], found[2]);
    }

    /// @param code empty where the label is not shown, likewise `status`
    record Outcome(String destination, String code, String status) {}
}
