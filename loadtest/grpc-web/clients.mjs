// The two gRPC-Web clients that browsers use most, grpc-web and @improbable-eng/grpc-web, through the gateway to a
// service of @grpc/grpc-js. Messages are text. Prints a line for each check; ends with 1 where one failed.
//
//   node clients.mjs service PORT   serves until its input ends
//   node clients.mjs calls URL
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

const text = { serialize: (value) => Buffer.from(value), deserialize: (bytes) => Buffer.from(bytes).toString() };

function serve(port) {
    const grpc = require('@grpc/grpc-js');
    const method = (path, stream) => ({
        path: `/test.Echo/${path}`,
        requestStream: false,
        responseStream: stream,
        requestSerialize: text.serialize,
        requestDeserialize: text.deserialize,
        responseSerialize: text.serialize,
        responseDeserialize: text.deserialize,
    });
    const server = new grpc.Server();
    server.addService(
        { unary: method('Unary', false), count: method('Count', true) },
        {
            unary(call, answer) {
                if (call.request === 'fail') {
                    answer({ code: grpc.status.RESOURCE_EXHAUSTED, details: 'no more, 100% über' });
                } else {
                    const trailers = new grpc.Metadata();
                    trailers.set('x-trailer', 'of the success');
                    answer(null, call.request, trailers);
                }
            },
            count(call) {
                for (let i = 1; i <= Number(call.request); i++) {
                    call.write(`message ${i}`);
                }
                call.end();
            },
        },
    );
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (failure) => {
        if (failure) {
            throw failure;
        }
        console.log('serving');
    });
    process.stdin.resume().on('end', () => process.exit(0));
}

let failures = 0;

function check(name, actual, expected) {
    const passed = JSON.stringify(actual) === JSON.stringify(expected);
    console.log(passed ? `PASS ${name}` : `FAIL ${name}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
    failures += passed ? 0 : 1;
}

async function official(url, format) {
    globalThis.XMLHttpRequest = require('xhr2');
    const web = require('grpc-web');
    const client = new web.GrpcWebClientBase({ format });
    const method = (name, type) => new web.MethodDescriptor(
        `/test.Echo/${name}`, type, String, String,
        (value) => new Uint8Array(Buffer.from(value)), (bytes) => Buffer.from(bytes).toString());
    const unary = (request) => new Promise((done) => {
        let status;
        const call = client.rpcCall(`${url}/test.Echo/Unary`, request, {}, method('Unary', 'unary'),
            (failure, answer) => done(failure ? [failure.code, failure.message] : [answer, status]));
        call.on('status', (ended) => { status = ended.metadata && ended.metadata['x-trailer']; });
    });
    const name = `grpc-web, ${format}`;
    check(`${name}: a call`, (await unary('hello'))[0], 'hello');
    check(`${name}: a failure`, await unary('fail'), [8, 'no more, 100% über']);
    const large = '0123456789abcdef'.repeat(50_000);
    check(`${name}: a large message`, (await unary(large))[0] === large, true);
    const received = await new Promise((done) => {
        const messages = [];
        const call = client.serverStreaming(`${url}/test.Echo/Count`, '500', {}, method('Count', 'server_streaming'));
        call.on('data', (message) => messages.push(message));
        call.on('error', (failure) => done([failure.message]));
        call.on('end', () => done(messages));
    });
    check(`${name}: a stream`, [received.length, received.at(-1)], [500, 'message 500']);
    const nobody = await new Promise((done) => client.rpcCall(
        `${url}/nobody.Here/Unary`, 'x', {}, method('Unary', 'unary'), (failure) => done(failure.code)));
    check(`${name}: a method that nobody serves`, nobody, 12);
}

async function improbable(url) {
    const { grpc } = require('@improbable-eng/grpc-web');
    const { NodeHttpTransport } = require('@improbable-eng/grpc-web-node-http-transport');
    const type = (value) => ({ serializeBinary: () => new Uint8Array(Buffer.from(value ?? '')) });
    const decoding = { deserializeBinary: (bytes) => Buffer.from(bytes).toString() };
    const invoke = (name, request, responseStream) => new Promise((done) => {
        const messages = [];
        grpc.invoke(
            {
                methodName: name,
                service: { serviceName: 'test.Echo' },
                requestStream: false,
                responseStream,
                requestType: type,
                responseType: decoding,
            },
            {
                host: url,
                request: type(request),
                transport: NodeHttpTransport(),
                onMessage: (message) => messages.push(message),
                onEnd: (code, details, trailers) => done({ messages, code, details, trailer: trailers.get('x-trailer') }),
            });
    });
    const name = '@improbable-eng/grpc-web';
    check(`${name}: a call`, await invoke('Unary', 'hello', false),
        { messages: ['hello'], code: 0, details: 'OK', trailer: ['of the success'] });
    const failed = await invoke('Unary', 'fail', false);
    check(`${name}: a failure`, [failed.code, failed.details], [8, 'no more, 100% über']);
    const counted = await invoke('Count', '500', true);
    check(`${name}: a stream`, [counted.messages.length, counted.messages.at(-1), counted.code], [500, 'message 500', 0]);
}

if (process.argv[2] === 'service') {
    serve(process.argv[3]);
} else {
    const url = process.argv[3];
    await official(url, 'text');
    await official(url, 'binary');
    await improbable(url);
    process.exit(failures > 0 ? 1 : 0);
}
