package io.sallyport.demo;

/// The resources of the demo, as a user would write them.
final class DemoResources {
    static final String CREDENTIAL = "shop-cert";

    static final String GATEWAY = """
            # Where clients come in: one host, in plain text and with TLS.
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata:
              name: edge
            spec:
              servers:
              - port: {number: 80, name: http, protocol: HTTP}
                hosts: [shop.localhost]
              - port: {number: 443, name: https, protocol: HTTPS}
                hosts: [shop.localhost]
                tls:
                  mode: SIMPLE
                  credentialName: shop-cert
            """;

    static final String ROUTES = """
            # Where requests go. The first route that matches wins. Edit this file and see the next request follow it.
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: shop
            spec:
              hosts: [shop.localhost]
              gateways: [edge]
              http:
              - name: payments-canary-by-header
                match:
                - uri: {prefix: /payments}
                  headers:
                    x-canary: {exact: "always"}
                route:
                - destination: {host: payments.demo, subset: v2}
              - name: payments
                match:
                - uri: {prefix: /payments}
                route:
                - destination: {host: payments.demo, subset: v1}
                  weight: 90
                - destination: {host: payments.demo, subset: v2}
                  weight: 10
              - name: old-payments
                match:
                - uri: {prefix: /pay/}
                redirect:
                  uri: /payments
                  redirectCode: 308
              - name: about
                match:
                - uri: {exact: /about}
                directResponse:
                  status: 200
                  body:
                    string: "A gateway answered this, no service did.\\n"
              - name: echo
                match:
                - uri: {prefix: /echo/}
                rewrite:
                  uri: /
                headers:
                  request:
                    set:
                      x-demo: added by the gateway
                route:
                - destination: {host: echo.demo}
              - name: slow
                match:
                - uri: {exact: /slow}
                timeout: 1s
                route:
                - destination: {host: slow.demo}
            """;

    private static final String SERVICES = """
            # What there is behind the gateway. In a mesh these would be Services of Kubernetes.
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata:
              name: payments
            spec:
              hosts: [payments.demo]
              location: MESH_INTERNAL
              resolution: STATIC
              ports:
              - {number: 80, name: http, protocol: HTTP}
              endpoints:
              - address: 127.0.0.1
                ports: {http: PAYMENTS_V1}
                labels: {version: v1}
              - address: 127.0.0.1
                ports: {http: PAYMENTS_V2}
                labels: {version: v2}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata:
              name: payments
            spec:
              host: payments.demo
              subsets:
              - name: v1
                labels: {version: v1}
              - name: v2
                labels: {version: v2}
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata:
              name: echo
            spec:
              hosts: [echo.demo]
              location: MESH_INTERNAL
              resolution: STATIC
              ports:
              - {number: 80, name: http, protocol: HTTP}
              endpoints:
              - address: 127.0.0.1
                ports: {http: ECHO}
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata:
              name: slow
            spec:
              hosts: [slow.demo]
              location: MESH_INTERNAL
              resolution: STATIC
              ports:
              - {number: 80, name: http, protocol: HTTP}
              endpoints:
              - address: 127.0.0.1
                ports: {http: SLOW}
            """;

    private DemoResources() {}

    static String services(SampleServices services) {
        return SERVICES.replace("PAYMENTS_V1", Integer.toString(services.paymentsV1()))
                .replace("PAYMENTS_V2", Integer.toString(services.paymentsV2()))
                .replace("ECHO", Integer.toString(services.echo()))
                .replace("SLOW", Integer.toString(services.slow()));
    }
}
