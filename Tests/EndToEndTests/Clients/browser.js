'use strict'
// Opens browser/two-shadows.html in headless Chromium, with mqtt.js bundled for the browser and our CA trusted in a
// profile of its own. Prints what the page reports, one JSON object a line.
//
//   node browser.js HOST:PORT CA_FILE
const { execFileSync, spawn } = require('child_process')
const fs = require('fs')
const http = require('http')
const os = require('os')
const path = require('path')

const [host, ca] = process.argv.slice(2)
const source = path.join(__dirname, 'browser')
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'sundial-browser-'))
const bundle = path.join(home, 'mqtt.js')

execFileSync('esbuild', [
  path.join(source, 'entry.js'), '--bundle', '--platform=browser', '--format=iife', '--global-name=mqtt',
  `--inject:${path.join(source, 'shim.js')}`, '--define:global=globalThis', `--alias:ws=${path.join(source, 'no-ws.js')}`,
  `--outfile=${bundle}`, '--log-level=error'
], { env: { ...process.env, NODE_PATH: '/usr/share/nodejs' } })
const database = path.join(home, '.pki', 'nssdb')
fs.mkdirSync(database, { recursive: true })
execFileSync('certutil', ['-d', `sql:${database}`, '-N', '--empty-password'])
execFileSync('certutil', ['-d', `sql:${database}`, '-A', '-t', 'C,,', '-n', 'sundial', '-i', ca])

let chromium
const said = []
function end (status) {
  try { process.kill(-chromium.pid, 'SIGKILL') } catch { /* it has ended already */ }
  fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  process.exit(status)
}

const server = http.createServer((request, response) => {
  if (request.method === 'POST') {
    const parts = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      response.writeHead(204).end()
      const steps = JSON.parse(Buffer.concat(parts).toString())
      for (const step of steps) console.log(JSON.stringify(step))
      end(0)
    })
  } else if (request.url === '/mqtt.js') {
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(fs.readFileSync(bundle))
  } else if (request.url.startsWith('/?')) {
    response.writeHead(200, { 'content-type': 'text/html' }).end(fs.readFileSync(path.join(source, 'two-shadows.html')))
  } else {
    response.writeHead(404).end()
  }
})
server.listen(0, '127.0.0.1', () => {
  chromium = spawn('chromium', [
    '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', `--user-data-dir=${path.join(home, 'profile')}`, '--enable-logging=stderr', '--v=0',
    `http://127.0.0.1:${server.address().port}/?host=${host}`
  ], { env: { ...process.env, HOME: home }, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  chromium.stderr.on('data', (text) => said.push(...String(text).split('\n').filter((line) => line.includes('CONSOLE'))))
  chromium.on('error', (error) => { console.error(String(error)); end(1) })
  chromium.on('exit', () => { console.error('chromium ended before the page reported', ...said); end(1) })
})
setTimeout(() => { console.error('the page reported nothing', ...said); end(1) }, 90000)
