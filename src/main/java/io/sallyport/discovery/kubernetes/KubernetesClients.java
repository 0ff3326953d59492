package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;

/// Makes clients of the API server.
public final class KubernetesClients {
    private KubernetesClients() {}

    /// By the Pod's service account, or outside of a cluster by the kubeconfig.
    public static KubernetesClient standard() {
        return of(Config.autoConfigure(null));
    }

    /// A request is not tried again by itself: whoever asks knows how long to wait. Each watch has a connection of its
    /// own: one of HTTP/2 that died without a sign would be used for every further request until TCP gives it up,
    /// after a quarter of an hour, since the JDK's client asks no connection whether it lives.
    public static KubernetesClient of(Config config) {
        Config patient = new ConfigBuilder(config)
                .withHttp2Disable(true)
                .withRequestRetryBackoffLimit(0)
                .build();
        return new KubernetesClientBuilder()
                .withConfig(patient)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
    }
}
