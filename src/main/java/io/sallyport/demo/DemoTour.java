package io.sallyport.demo;

/// What to try with the demo; names in braces are filled in.
final class DemoTour {
    static final String TEXT = """

            Try, in another terminal:
              # one in ten goes to v2
              for i in $(seq 20); do curl -s http://{host}:{http}/payments; done
              # always v2
              curl -s -H 'x-canary: always' http://{host}:{http}/payments
              # over TLS
              curl -s --cacert {certificate} https://{host}:{https}/payments
              # a redirect
              curl -si http://{host}:{http}/pay/
              # a direct response
              curl -s http://{host}:{http}/about
              # what the service gets
              curl -s -d hello http://{host}:{http}/echo/some/path?x=1
              # 504 after a second
              curl -si http://{host}:{http}/slow
              # 404: no such host
              curl -si -H 'Host: other.localhost' http://{host}:{http}/
              # why a request goes where it goes
              curl -s 'http://localhost:{admin}/explain?url=http://{host}/payments'
              # counted as Istio counts
              curl -s http://localhost:{health}/metrics | grep istio_requests_total

            The resources are in {directory}: edit routes.yaml, and the next request follows it.
            Page: http://localhost:{admin}/   Stop: Ctrl-C

            """;

    private DemoTour() {}
}
