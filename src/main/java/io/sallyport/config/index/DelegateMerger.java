package io.sallyport.config.index;

import io.sallyport.config.model.Delegate;
import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.VirtualService;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Replaces the routes that delegate by those of the delegate, one level deep (`HTTPRoute.delegate`). What cannot take
/// effect is left out, as in Istio: an unknown or hidden delegate, a route of it that lies outside the root's match or
/// delegates again.
public final class DelegateMerger {
    private final VirtualServiceIndex virtualServices;

    DelegateMerger(VirtualServiceIndex virtualServices) {
        this.virtualServices = virtualServices;
    }

    /// The delegate a route names, whether or not the route's owner may use it; null if there is none of that name.
    public @Nullable VirtualService target(Delegate delegate, VirtualService root) {
        return virtualServices.get(qualifiedName(delegate, root));
    }

    public static String qualifiedName(Delegate delegate, VirtualService root) {
        String namespace = delegate.namespace().isEmpty() ? root.meta().namespace() : delegate.namespace();
        return namespace + "/" + delegate.name();
    }

    /// Whether `root` may delegate to `target`: it is a delegate and exported to the root's namespace.
    public static boolean isUsable(VirtualService target, VirtualService root) {
        return VirtualServiceIndex.isDelegate(target)
                && ExportTo.isVisible(
                        target.exportTo(),
                        target.meta().namespace(),
                        root.meta().namespace());
    }

    /// The HTTP routes of a VirtualService in the order in which they are tried.
    ///
    /// @param literals the form that the literals of their matches are given
    public List<EffectiveHttpRoute> merge(VirtualService root, MatchLiterals literals) {
        List<EffectiveHttpRoute> routes = new ArrayList<>(root.http().size());
        for (int i = 0; i < root.http().size(); i++) {
            HttpRoute route = literals.canonical(root.http().get(i));
            Delegate delegate = route.delegate();
            if (delegate == null) {
                routes.add(new EffectiveHttpRoute(route, root, i, i));
                continue;
            }
            VirtualService target = target(delegate, root);
            if (target != null && isUsable(target, root)) {
                addRoutesOf(target, root, route, i, literals, routes);
            }
        }
        return routes;
    }

    private static void addRoutesOf(
            VirtualService target,
            VirtualService root,
            HttpRoute route,
            int rootIndex,
            MatchLiterals literals,
            List<EffectiveHttpRoute> routes) {
        List<HttpMatchRequest> outer =
                MatchNarrowing.inFull(route.match(), root.meta().namespace());
        for (int i = 0; i < target.http().size(); i++) {
            HttpRoute own = literals.canonical(target.http().get(i));
            List<HttpMatchRequest> match = MatchNarrowing.narrow(
                    outer, MatchNarrowing.inFull(own.match(), target.meta().namespace()));
            if (match != null && own.delegate() == null) {
                routes.add(new EffectiveHttpRoute(merge(route, own, match), target, i, rootIndex));
            }
        }
    }

    /// One route of a delegate within the root's route. What the delegate leaves open the root decides.
    private static HttpRoute merge(HttpRoute root, HttpRoute delegate, List<HttpMatchRequest> match) {
        return new HttpRoute(
                MatchNarrowing.joined(root.name(), delegate.name()),
                match,
                delegate.route(),
                delegate.redirect(),
                delegate.directResponse(),
                null,
                orElse(delegate.rewrite(), root.rewrite()),
                orElse(delegate.timeout(), root.timeout()),
                orElse(delegate.retries(), root.retries()),
                orElse(delegate.fault(), root.fault()),
                orElse(delegate.mirror(), root.mirror()),
                delegate.mirrors().isEmpty() ? root.mirrors() : delegate.mirrors(),
                orElse(delegate.mirrorPercent(), root.mirrorPercent()),
                orElse(delegate.mirrorPercentage(), root.mirrorPercentage()),
                orElse(delegate.corsPolicy(), root.corsPolicy()),
                orElse(delegate.headers(), root.headers()),
                delegate.at());
    }

    private static <T> @Nullable T orElse(@Nullable T own, @Nullable T inherited) {
        return own != null ? own : inherited;
    }
}
