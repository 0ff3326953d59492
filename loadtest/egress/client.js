// Asks for one URL with fetch where this Node can send it to the proxy of the environment (NODE_USE_ENV_PROXY, from
// Node 22.21 and 24 on, or the package undici, found by NODE_PATH); else with its http module. `--which` says which.
'use strict';
const http = require('node:http');
const https = require('node:https');

function undici() {
    try {
        return require('undici');
    } catch {
        return null;
    }
}

const [major, minor] = process.versions.node.split('.').map(Number);
const builtIn = major >= 24 || (major === 22 && minor >= 21);
const agent = builtIn ? null : undici();

async function byFetch(url) {
    const response = agent
        ? await agent.fetch(url, { dispatcher: new agent.EnvHttpProxyAgent() })
        : await fetch(url);
    return `${response.status} ${await response.text()}`;
}

function answer(request) {
    return new Promise((resolve, reject) => {
        request.on('error', reject).on('response', async (response) => {
            let body = '';
            for await (const part of response) body += part;
            resolve(`${response.statusCode} ${body}`);
        });
        request.end();
    });
}

// What proxy agents do: an absolute-form request, or TLS in the tunnel that CONNECT opened.
function byHand(url) {
    const target = new URL(url);
    const proxy = new URL(target.protocol === 'https:' ? process.env.https_proxy : process.env.http_proxy);
    const to = { host: proxy.hostname, port: proxy.port, agent: false };
    if (target.protocol === 'http:') {
        return answer(http.request({ ...to, path: url, headers: { host: target.host } }));
    }
    const authority = `${target.hostname}:${target.port || 443}`;
    const connect = http.request({ ...to, method: 'CONNECT', path: authority, headers: { host: authority } });
    return new Promise((resolve, reject) => {
        connect.on('error', reject).on('connect', async (response, socket, first) => {
            if (response.statusCode !== 200) {
                let body = String(first);
                for await (const part of socket) body += part;
                resolve(`${response.statusCode} ${body}`);
            } else {
                const tls = { socket, servername: target.hostname, agent: false };
                answer(https.request(url, { ...tls, createConnection: () => require('node:tls').connect(tls) }))
                    .then(resolve, reject);
            }
        });
        connect.end();
    });
}

function reasons(failed) {
    return failed ? `${failed.message}: ${reasons(failed.cause)}` : '';
}

const way = builtIn ? 'fetch by NODE_USE_ENV_PROXY'
    : agent ? 'fetch by undici EnvHttpProxyAgent'
    : 'by http and CONNECT';
if (process.argv[2] === '--which') {
    console.log(way);
} else {
    (builtIn || agent ? byFetch : byHand)(process.argv[2]).then(console.log, (failed) => console.log(reasons(failed)));
}
