package io.sallyport.demo;

/// What to try with the demo.
final class DemoTour {
    private static final String TEXT = """

            Try, in another terminal:
              for i in $(seq 20); do curl -s http://{host}:{http}/payments; done    # one in ten goes to v2
              curl -s -H 'x-canary: always' http://{host}:{http}/payments            # always v2
              curl -s --cacert {certificate} https://{host}:{https}/payments
              curl -si http://{host}:{http}/pay/                                     # a redirect
              curl -s http://{host}:{http}/about                                     # a direct response
              curl -s -d hello http://{host}:{http}/echo/some/path?x=1               # what the service gets
              curl -si http://{host}:{http}/slow                                     # 504 after a second
              curl -si -H 'Host: other.localhost' http://{host}:{http}/              # 404: no such host
              curl -s 'http://localhost:15000/explain?url=http://{host}/payments'    # why a request goes where it goes
              curl -s http://localhost:15021/metrics | grep istio_requests_total

            The resources are in {directory}: edit routes.yaml, and the next request follows it.
            Page: http://localhost:15000/   Stop: Ctrl-C

            """;

    private DemoTour() {}

    static String of(DemoConfiguration demo, int httpPort, int httpsPort) {
        return TEXT.replace("{host}", DemoConfiguration.HOST)
                .replace("{https}", Integer.toString(httpsPort))
                .replace("{http}", Integer.toString(httpPort))
                .replace("{certificate}", demo.certificate().toString())
                .replace("{directory}", demo.directory().toString());
    }
}
