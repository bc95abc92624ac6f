// OpenWhisk's Node.js runtime, as far as /run is concerned: the same transform, in the same process each time.
const http = require('http');

function main(params) {
    let strings = 0;
    const up = (value) => {
        if (typeof value === 'string') { strings++; return value.toUpperCase(); }
        if (Array.isArray(value)) return value.map(up);
        if (value && typeof value === 'object')
            return Object.fromEntries(Object.entries(value).map(([k, v]) => { strings++; return [k.toUpperCase(), up(v)]; }));
        return value;
    };
    return {result: up(params), strings};
}

http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
        const body = JSON.stringify(main(JSON.parse(Buffer.concat(parts)).value));
        response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body)});
        response.end(body);
    });
}).listen(Number(process.argv[2]), '127.0.0.1');
