// Serves the dashboard's files from disk before a running service, for work on them
// without a build:
//
//   cargo run -- demo &
//   node tests/dashboard/serve.mjs http://127.0.0.1:8080 8090
//
// The answers carry the headers of the service, so that what its policy forbids fails here too.

import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../dashboard', import.meta.url))
const MEDIA_TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html' }
const FORWARDED = /^\/(v1|docs|openapi\.json|healthz|readyz)/

const service = new URL(process.argv[2] ?? 'http://127.0.0.1:8080')
const port = Number(process.argv[3] ?? 8090)

createServer(async (incoming, outgoing) => {
  const { pathname } = new URL(incoming.url, 'http://localhost')
  if (FORWARDED.test(pathname)) return forward(incoming, outgoing)
  const policy = await policyOfService()
  const asset = /^\/assets\/[^/]+\/(.+)$/.exec(pathname)
  const file = join(FOLDER, normalize(`/${asset ? asset[1] : 'index.html'}`))
  if (!(await stat(file).catch(() => null))?.isFile()) return outgoing.writeHead(404).end()
  outgoing.writeHead(200, {
    'Content-Type': `${MEDIA_TYPES[extname(file)]}; charset=utf-8`,
    'Content-Security-Policy': policy,
    'Cache-Control': 'no-store',
  })
  if (asset) return createReadStream(file).pipe(outgoing)
  outgoing.end((await readFile(file, 'utf8')).replaceAll('@VERSION@', 'disk'))
}).listen(port, '127.0.0.1', () => console.error(`http://127.0.0.1:${port}`))

async function policyOfService() {
  const answer = await fetch(new URL('/healthz', service))
  return answer.headers.get('content-security-policy')
}

function forward(incoming, outgoing) {
  const onward = request(
    {
      host: service.hostname,
      port: service.port,
      path: incoming.url,
      method: incoming.method,
      headers: incoming.headers,
    },
    answer => {
      outgoing.writeHead(answer.statusCode, answer.headers)
      answer.pipe(outgoing)
    },
  )
  onward.on('error', () => outgoing.writeHead(502).end())
  incoming.pipe(onward)
}
