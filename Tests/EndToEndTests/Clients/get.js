'use strict'
// A plain GET. Prints {"status":…,"headers":{…},"body":"…"}.
//
//   node get.js URL CA_FILE [HEADER VALUE]…
const fs = require('fs')
const http = require('http')
const https = require('https')

const [address, ca, ...headers] = process.argv.slice(2)
const url = new URL(address.replace(/^ws/, 'http'))
const request = url.protocol === 'https:' ? https : http
const sent = {}
for (let index = 0; index < headers.length; index += 2) sent[headers[index]] = headers[index + 1]

request.get(url, { ca: fs.readFileSync(ca), headers: sent, agent: false }, (answer) => {
  answer.setEncoding('utf8')
  let body = ''
  answer.on('data', (text) => { body += text })
  answer.on('end', () => console.log(JSON.stringify({ status: answer.statusCode, headers: answer.headers, body })))
}).on('error', (error) => {
  console.error(error.message)
  process.exitCode = 1
})
