package io.sallyport.discovery;

import java.util.List;

/// The services at one moment.
///
/// @param isKnown false as long as nobody has said which there are
/// @param all by namespace and name
/// @param revision another one with every change of `all`
public record MeshServices(boolean isKnown, List<MeshService> all, long revision) {
    public static final MeshServices UNKNOWN = new MeshServices(false, List.of(), 0);

    public MeshServices {
        all = List.copyOf(all);
    }
}
