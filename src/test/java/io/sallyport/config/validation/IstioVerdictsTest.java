package io.sallyport.config.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.LoadResult;
import io.sallyport.config.SourceFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Resources on which Istio's validation (pkg/config/validation of 2026) has a verdict: ours is the same. Where the
/// data plane could not do what Istio accepts, ours is stricter, and the case says why.
class IstioVerdictsTest {
    private enum Verdict {
        /// Without a word, or with one of ours.
        ACCEPTED,
        WARNED,
        REFUSED
    }

    private record Case(String kind, String spec, Verdict istio, String stricter) {
        @Override
        public String toString() {
            return istio + " " + kind + " " + spec;
        }
    }

    private static Stream<Case> cases(String kind, String frame, String text) {
        return text.lines().filter(line -> !line.isBlank()).map(line -> {
            String[] parts = line.strip().split(" +", 2);
            String[] spec = parts[1].split(" # ", 2);
            return new Case(
                    kind,
                    frame.formatted(spec[0].strip()),
                    Verdict.valueOf(parts[0]),
                    spec.length > 1 ? spec[1] : null);
        });
    }

    static Stream<Case> cases() {
        return Stream.of(
                        cases(
                                "VirtualService",
                                "{hosts: [a.example.com], gateways: [gw], http: [{route: [{destination: {host: b}}], %s}]}",
                                """
                                ACCEPTED match: [null]
                                ACCEPTED match: [null, {uri: {exact: /a}}]
                                ACCEPTED match: null
                                ACCEPTED match: []
                                ACCEPTED match: [{}]
                                ACCEPTED match: [{withoutHeaders: {x: null}}]
                                ACCEPTED match: [{withoutHeaders: {x: {}}}]
                                ACCEPTED match: [{withoutHeaders: {x: {regex: "*"}}}]
                                REFUSED  match: [{headers: {x: null}}]
                                REFUSED  match: [{headers: {x: {regex: "*"}}}]
                                ACCEPTED match: [{headers: {x: {}}}]
                                ACCEPTED match: [{headers: {":status": {exact: a}}}]
                                REFUSED  match: [{headers: {":other": {exact: a}}}]
                                REFUSED  match: [{headers: {"": {exact: a}}}]
                                ACCEPTED match: [{queryParams: {q: null}}]
                                REFUSED  match: [{queryParams: {q: {prefix: ""}}}]
                                ACCEPTED match: [{uri: {prefix: ""}}]
                                REFUSED  match: [{uri: {regex: ""}}]
                                REFUSED  match: [{uri: {regex: "("}}]
                                REFUSED  match: [{scheme: {prefix: ""}}]
                                REFUSED  match: [{method: {prefix: ""}}]
                                REFUSED  match: [{authority: {regex: ""}}]
                                ACCEPTED match: [{authority: {exact: ""}}]
                                ACCEPTED match: [{port: 0}]
                                REFUSED  match: [{port: 65536}]
                                REFUSED  match: [{sourceLabels: {"a/b/c": d}}]
                                REFUSED  match: [{sourceNamespace: "a.b"}]
                                ACCEPTED match: [{gateways: [ns/gw, mesh]}]
                                WARNED   match: [{gateways: [gw.ns.svc.cluster.local]}]
                                REFUSED  match: [{gateways: [a/b/c]}]
                                REFUSED  fault: {}
                                ACCEPTED fault: {abort: {httpStatus: 200}}
                                ACCEPTED fault: {abort: {httpStatus: 599, percentage: {value: 0.0001}}}
                                ACCEPTED fault: {abort: {httpStatus: 600}} # Envoy's FaultAbort ends at 599
                                REFUSED  fault: {abort: {httpStatus: 601}}
                                REFUSED  fault: {abort: {httpStatus: 199}}
                                WARNED   fault: {abort: {percentage: {value: 50}}}
                                REFUSED  fault: {abort: {http2Error: CANCEL}}
                                ACCEPTED fault: {abort: {grpcStatus: INTERNAL}}
                                REFUSED  fault: {abort: {grpcStatus: BAD_STATUS}}
                                REFUSED  fault: {abort: {httpStatus: 200, percentage: {value: 0.00001}}}
                                ACCEPTED fault: {delay: {percentage: {value: 50}}}
                                ACCEPTED fault: {delay: {fixedDelay: 3s}}
                                REFUSED  fault: {delay: {fixedDelay: 3.000000042s}}
                                REFUSED  fault: {delay: {fixedDelay: 0s}}
                                REFUSED  fault: {delay: {exponentialDelay: 3s}}
                                REFUSED  mirrorPercent: 101
                                WARNED   mirrorPercent: 50
                                REFUSED  mirrorPercentage: {value: 101}
                                REFUSED  mirrorPercentage: {value: -1}
                                REFUSED  mirrors: [null]
                                REFUSED  mirrors: [{percentage: {value: 50}}]
                                REFUSED  mirror: {host: c}, mirrors: [{destination: {host: d}}]
                                REFUSED  mirror: {host: "*"}
                                REFUSED  redirect: {uri: /a}
                                REFUSED  directResponse: {status: 200}
                                REFUSED  rewrite: {}
                                ACCEPTED rewrite: {uri: /a/.b/..c/d.?x=/../}
                                ACCEPTED rewrite: {uri: /a/../b} # a dot segment would be sent
                                ACCEPTED rewrite: {uri: "/%2e%2e/x"} # a dot segment would be sent
                                ACCEPTED rewrite: {uri: "/a/.%2E;b"} # a dot segment would be sent
                                ACCEPTED rewrite: {uri: /a%2f.} # a dot segment would be sent
                                ACCEPTED rewrite: {uriRegexRewrite: {match: "/(.*)", rewrite: '/.\\1/a'}}
                                ACCEPTED rewrite: {uriRegexRewrite: {match: "/(.*)", rewrite: '/../\\1'}} # a dot segment would be sent
                                ACCEPTED rewrite: {authority: b.example.com}
                                REFUSED  rewrite: {uri: /a, uriRegexRewrite: {match: /b, rewrite: /c}}
                                REFUSED  rewrite: {uriRegexRewrite: {match: /b}}
                                REFUSED  rewrite: {authority: b.example.com}, headers: {request: {set: {Host: c.example.com}}}
                                ACCEPTED headers: {request: {set: {":authority": c.example.com}}}
                                REFUSED  headers: {request: {set: {":path": /a}}}
                                REFUSED  headers: {request: {remove: [host]}}
                                REFUSED  headers: {response: {set: {host: c.example.com}}}
                                REFUSED  headers: {response: {remove: [":status"]}}
                                ACCEPTED headers: {request: {set: {x: "100%%"}}}
                                REFUSED  headers: {request: {set: {x: "abc%123"}}}
                                REFUSED  timeout: 0s
                                ACCEPTED timeout: 1ms
                                REFUSED  timeout: 1500us
                                ACCEPTED retries: {attempts: 0}
                                REFUSED  retries: {attempts: -1}
                                REFUSED  retries: {attempts: 0, perTryTimeout: 2s}
                                REFUSED  retries: {attempts: 0, retryOn: 5xx}
                                REFUSED  retries: {attempts: 0, retryRemoteLocalities: false}
                                ACCEPTED retries: {attempts: 2, retryOn: "5xx,503,gateway-error"}
                                REFUSED  retries: {attempts: 2, retryOn: "5xx,nonsense"}
                                REFUSED  retries: {attempts: 2, retryOn: "999"}
                                REFUSED  retries: {attempts: 2, perTryTimeout: 0s}
                                REFUSED  retries: {attempts: 2, backoff: 0s}
                                ACCEPTED corsPolicy: {allowOrigins: [{regex: ".*"}], allowMethods: [GET, "*"], allowHeaders: ["*"], maxAge: 2s}
                                REFUSED  corsPolicy: {allowMethods: [get]}
                                REFUSED  corsPolicy: {allowHeaders: ["a b"]}
                                REFUSED  corsPolicy: {allowOrigins: [{exact: ""}]}
                                REFUSED  corsPolicy: {allowOrigins: [{regex: "("}]}
                                REFUSED  corsPolicy: {maxAge: 1.5s}
                                """),
                        cases("VirtualService", "{hosts: [a.example.com], gateways: [gw], http: [{%s}]}", """
                                REFUSED  name: a
                                ACCEPTED route: [{destination: {host: b}, weight: 0}]
                                REFUSED  route: [{destination: {host: b}, weight: -1}]
                                REFUSED  route: [{destination: {host: b}, weight: 0}, {destination: {host: c}, weight: 0}]
                                ACCEPTED route: [{destination: {host: b}, weight: 10}, {destination: {host: c}, weight: 10}]
                                REFUSED  route: [null]
                                REFUSED  route: [{weight: 100}]
                                REFUSED  route: [{destination: {host: "*"}}]
                                ACCEPTED route: [{destination: {host: "*.b.com"}}]
                                REFUSED  route: [{destination: {host: b, subset: "b.c"}}]
                                REFUSED  route: [{destination: {host: b, port: {number: 65536}}}]
                                ACCEPTED redirect: {uri: /a}
                                REFUSED  redirect: {}
                                REFUSED  redirect: {uri: /a, prefixRewrite: /b}
                                REFUSED  redirect: {prefixRewrite: /b}, match: [{uri: {exact: /a}}]
                                ACCEPTED redirect: {prefixRewrite: /b}, match: [{uri: {prefix: /a}}, {method: {exact: GET}}, null]
                                REFUSED  redirect: {uri: /a, redirectCode: 299}
                                ACCEPTED redirect: {uri: /a, redirectCode: 308}
                                ACCEPTED redirect: {uri: /a, redirectCode: 399} # Envoy's RedirectAction has five codes
                                REFUSED  redirect: {uri: /a, scheme: ftp}
                                ACCEPTED redirect: {port: 8443}
                                ACCEPTED redirect: {derivePort: FROM_REQUEST_PORT}
                                REFUSED  redirect: {uri: /a}, fault: {abort: {httpStatus: 500}}
                                REFUSED  redirect: {uri: /a}, rewrite: {uri: /b}
                                REFUSED  redirect: {uri: /a}, directResponse: {status: 200}
                                ACCEPTED directResponse: {status: 200, body: {string: a}}
                                REFUSED  directResponse: {status: 199}
                                ACCEPTED directResponse: {status: 600} # Envoy's DirectResponseAction ends at 599
                                REFUSED  directResponse: {status: 200}, fault: {abort: {httpStatus: 500}}
                                REFUSED  directResponse: {status: 200}, rewrite: {uri: /b}
                                ACCEPTED delegate: {name: d}
                                REFUSED  delegate: {name: d}, route: [{destination: {host: b}}]
                                REFUSED  delegate: {name: d}, redirect: {uri: /a}
                                """),
                        cases("VirtualService", "{%s}", """
                                ACCEPTED hosts: [192.0.2.1], http: [{redirect: {uri: /a}}]
                                ACCEPTED hosts: ["2001:db8::1"], http: [{redirect: {uri: /a}}]
                                REFUSED  hosts: ["*"], http: [{redirect: {uri: /a}}]
                                ACCEPTED hosts: ["*"], gateways: [gw], http: [{redirect: {uri: /a}}]
                                REFUSED  hosts: [a.com, a.com], http: [{redirect: {uri: /a}}]
                                REFUSED  hosts: ["*.com", "*.a.com"], http: [{redirect: {uri: /a}}]
                                REFUSED  hosts: ["a.*.com"], http: [{redirect: {uri: /a}}]
                                REFUSED  hosts: [a.com]
                                REFUSED  hosts: [a.com], http: [null]
                                ACCEPTED http: [{redirect: {uri: /a}}]
                                REFUSED  gateways: [gw], http: [{redirect: {uri: /a}}]
                                REFUSED  tcp: [{route: [{destination: {host: b}}]}]
                                REFUSED  http: [{delegate: {name: d}}]
                                REFUSED  hosts: [a.com], tls: [{route: [{destination: {host: b}}]}]
                                REFUSED  hosts: [a.com], tls: [{match: [{sniHosts: [b.com]}], route: [{destination: {host: b}}]}]
                                REFUSED  hosts: [a.com], tls: [{match: [{port: 443}], route: [{destination: {host: b}}]}]
                                REFUSED  hosts: [a.com], tls: [{match: [null], route: [{destination: {host: b}}]}]
                                REFUSED  hosts: [a.com], tls: [{match: [{sniHosts: [a.com]}]}]
                                ACCEPTED hosts: ["*.a.com"], tls: [{match: [{sniHosts: [b.a.com], port: 0}], route: [{destination: {host: b}}]}]
                                REFUSED  hosts: [a.com], tcp: [{match: [{port: 80}]}]
                                REFUSED  hosts: [a.com], tcp: [{match: [null], route: [{destination: {host: b}}]}]
                                REFUSED  hosts: [a.com], tcp: [{match: [{destinationSubnets: [10.0.0.0/33]}], route: [{destination: {host: b}}]}]
                                """),
                        cases("DestinationRule", "{host: a.example.com, %s}", """
                                REFUSED  trafficPolicy: {}
                                REFUSED  trafficPolicy: {connectionPool: {}}
                                REFUSED  trafficPolicy: {connectionPool: {tcp: {maxConnections: -1}}}
                                ACCEPTED trafficPolicy: {connectionPool: {tcp: {idleTimeout: 0s}}}
                                REFUSED  trafficPolicy: {connectionPool: {tcp: {connectTimeout: 0s}}}
                                REFUSED  trafficPolicy: {connectionPool: {http: {idleTimeout: 0s}}}
                                REFUSED  trafficPolicy: {connectionPool: {http: {h2UpgradePolicy: UPGRADE, useClientProtocol: true}}}
                                REFUSED  trafficPolicy: {connectionPool: {http: {http2KeepAlive: {interval: 5s}}}}
                                ACCEPTED trafficPolicy: {connectionPool: {http: {http2KeepAlive: {interval: 5s, timeout: 1s}}}}
                                REFUSED  trafficPolicy: {outlierDetection: {maxEjectionPercent: 101}}
                                REFUSED  trafficPolicy: {outlierDetection: {minHealthPercent: -1}}
                                REFUSED  trafficPolicy: {outlierDetection: {interval: 0s}}
                                REFUSED  trafficPolicy: {outlierDetection: {consecutiveLocalOriginFailures: 3}}
                                ACCEPTED trafficPolicy: {outlierDetection: {}}
                                REFUSED  trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: ""}}}}
                                ACCEPTED trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: a}}}}
                                REFUSED  trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: a, attributes: [{name: ""}]}}}}
                                REFUSED  trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: a, attributes: [{name: b}, {name: b}]}}}}
                                WARNED   trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, minimumRingSize: 10}}}
                                REFUSED  trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, minimumRingSize: 10, ringHash: {}}}}
                                REFUSED  trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: 4}}}}
                                ACCEPTED trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: 17}}}}
                                ACCEPTED trafficPolicy: {loadBalancer: {warmup: {duration: 30s, aggression: 0.5}}}
                                REFUSED  trafficPolicy: {loadBalancer: {warmup: {duration: 30s, aggression: 0}}}
                                REFUSED  trafficPolicy: {loadBalancer: {warmup: {duration: 30s, minimumPercent: 101}}}
                                REFUSED  trafficPolicy: {loadBalancer: {warmup: {minimumPercent: 10}}}
                                REFUSED  trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 99}}]}}}
                                REFUSED  trafficPolicy: {loadBalancer: {localityLbSetting: {failover: [{from: a, to: a}]}}, outlierDetection: {interval: 1s}}
                                WARNED   trafficPolicy: {loadBalancer: {localityLbSetting: {failover: [{from: a, to: b}]}}}
                                REFUSED  trafficPolicy: {tls: {mode: MUTUAL}}
                                REFUSED  trafficPolicy: {tls: {mode: SIMPLE, credentialName: a, caCertificates: b}}
                                REFUSED  trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true, caCertificates: b}}
                                ACCEPTED trafficPolicy: {tls: {mode: MUTUAL, insecureSkipVerify: true, credentialName: b}}
                                REFUSED  trafficPolicy: {portLevelSettings: [{tls: {mode: DISABLE}}]}
                                REFUSED  trafficPolicy: {portLevelSettings: [{port: {number: 80}}]}
                                REFUSED  trafficPolicy: {portLevelSettings: [null]}
                                REFUSED  trafficPolicy: {tunnel: {protocol: GET, targetHost: a.com, targetPort: 80}}
                                ACCEPTED trafficPolicy: {tunnel: {targetHost: a.com, targetPort: 80}}
                                REFUSED  trafficPolicy: {tunnel: {targetHost: a.com}}
                                REFUSED  trafficPolicy: {tunnel: {targetHost: a.com, targetPort: 80}, proxyProtocol: {version: V1}}
                                REFUSED  subsets: [null]
                                REFUSED  subsets: [{name: a}, {name: a}]
                                REFUSED  subsets: [{name: "a.b"}]
                                REFUSED  subsets: [{labels: {a: b}}]
                                REFUSED  subsets: [{name: a, trafficPolicy: {}}]
                                REFUSED  exportTo: ["*", "."]
                                """),
                        cases("ServiceEntry", "{hosts: [a.example.com], %s}", """
                                WARNED   ports: [{number: 80, name: a, protocol: TCP}]
                                WARNED   ports: [{number: 80, name: a}]
                                ACCEPTED ports: [{number: 80, name: a, protocol: http}]
                                REFUSED  ports: [{number: 80, name: a, protocol: http}, {number: 81, name: a, protocol: http}]
                                REFUSED  ports: [{number: 80, name: a, protocol: http}, {number: 80, name: b, protocol: http}]
                                REFUSED  ports: [{number: 80, name: a, protocol: smtp}]
                                REFUSED  ports: [{number: 80, name: a, protocol: http, targetPort: 65536}]
                                ACCEPTED ports: [{number: 80, name: a, protocol: http, targetPort: 0}]
                                REFUSED  ports: [null]
                                REFUSED  resolution: NONE, endpoints: [{address: 192.0.2.1}]
                                REFUSED  resolution: STATIC, endpoints: [null]
                                REFUSED  resolution: STATIC, endpoints: [{address: a.com}]
                                REFUSED  resolution: STATIC, endpoints: [{address: 192.0.2.1, ports: {b: 80}}], ports: [{number: 80, name: a, protocol: http}]
                                REFUSED  resolution: DNS, addresses: [10.0.0.0/8]
                                ACCEPTED resolution: STATIC, addresses: [10.0.0.0/8]
                                REFUSED  resolution: STATIC, addresses: [10.0.0.256]
                                REFUSED  resolution: DNS_ROUND_ROBIN, endpoints: [{address: a.com}, {address: b.com}]
                                ACCEPTED resolution: DNS, endpoints: [{address: a.com}, {address: 192.0.2.1}]
                                REFUSED  resolution: DNS, endpoints: [{address: "*.a.com"}]
                                REFUSED  resolution: DYNAMIC_DNS
                                REFUSED  workloadSelector: {labels: {a: b}}, endpoints: [{address: 192.0.2.1}], resolution: STATIC
                                REFUSED  exportTo: [".", "*"]
                                """),
                        cases("ServiceEntry", "{%s}", """
                                REFUSED  hosts: []
                                REFUSED  hosts: ["*"]
                                REFUSED  hosts: ["*.a.com"], resolution: DNS
                                ACCEPTED hosts: ["*.a.com"], resolution: DYNAMIC_DNS, ports: [{number: 443, name: a, protocol: TLS}]
                                REFUSED  hosts: ["*.a.com"], resolution: DYNAMIC_DNS, ports: [{number: 443, name: a, protocol: HTTPS}]
                                REFUSED  hosts: ["*.a.com"], resolution: DYNAMIC_DNS, addresses: [192.0.2.1]
                                WARNED   hosts: [a.com, b.com], resolution: DNS, addresses: [192.0.2.1], ports: [{number: 443, name: a, protocol: HTTPS}]
                                ACCEPTED hosts: [a.com, b.com], resolution: DNS, addresses: [192.0.2.1], ports: [{number: 80, name: a, protocol: HTTP}]
                                REFUSED  hosts: [a.com, b.com], resolution: DNS, addresses: [192.0.2.1], ports: [{number: 80, name: a, protocol: TCP}]
                                ACCEPTED hosts: [a.com, b.com], addresses: [192.0.2.1], ports: [{number: 80, name: a, protocol: TCP}]
                                ACCEPTED hosts: ["*x"] # a wildcard stands for whole labels
                                """),
                        cases(
                                "Gateway",
                                "{servers: [{port: {number: 443, name: a, protocol: TLS}, hosts: [a.com], tls: {%s}}]}",
                                """
                                ACCEPTED mode: PASSTHROUGH
                                WARNED   mode: PASSTHROUGH, caCrl: /a
                                WARNED   mode: PASSTHROUGH, caCertificates: /a
                                WARNED   mode: PASSTHROUGH, credentialName: a
                                WARNED   mode: AUTO_PASSTHROUGH, caCrl: /a
                                REFUSED  mode: ISTIO_MUTUAL, credentialName: a
                                REFUSED  mode: SIMPLE
                                REFUSED  mode: MUTUAL, serverCertificate: /a, privateKey: /b
                                REFUSED  mode: SIMPLE, serverCertificate: /a, privateKey: /b, caCrl: /c
                                """))
                .flatMap(each -> each);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isIstiosVerdict(Case each) {
        String yaml = "apiVersion: networking.istio.io/v1\nkind: %s\nmetadata: {name: a}\nspec: %s\n"
                .formatted(each.kind(), each.spec());
        LoadResult loaded = ConfigurationLoader.load(
                List.of(new SourceFile("case.yaml", yaml.getBytes(StandardCharsets.UTF_8))), LoadOptions.DEFAULT);
        boolean refused = each.istio() == Verdict.REFUSED || each.stricter() != null;
        assertThat(loaded.hasErrors()).as("%s", loaded.problems()).isEqualTo(refused);
        if (each.istio() == Verdict.WARNED) {
            assertThat(loaded.problems()).isNotEmpty();
        }
    }
}
