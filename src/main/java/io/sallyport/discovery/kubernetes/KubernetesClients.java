package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;

/// Makes clients of the API server.
public final class KubernetesClients {
    /// The shortest pause before a watch is opened again; it doubles, up to 32 times.
    private static final int RECONNECT_MILLIS = 250;

    private KubernetesClients() {}

    /// By the Pod's service account, or outside of a cluster by the kubeconfig.
    public static KubernetesClient standard() {
        return of(Config.autoConfigure(null));
    }

    /// A request is not tried again by itself: whoever asks knows how long to wait.
    public static KubernetesClient of(Config config) {
        Config patient = new ConfigBuilder(config)
                .withWatchReconnectInterval(RECONNECT_MILLIS)
                .withRequestRetryBackoffLimit(0)
                .build();
        return new KubernetesClientBuilder()
                .withConfig(patient)
                .withKubernetesSerialization(ReadFields.serialization())
                .withHttpClientFactory(new JdkHttpClientFactory())
                .withHttpClientBuilderConsumer(
                        http -> http.addOrReplaceInterceptor(AsciiWatches.class.getSimpleName(), new AsciiWatches()))
                .build();
    }
}
