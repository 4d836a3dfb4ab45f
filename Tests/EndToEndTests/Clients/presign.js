'use strict'
// Presigns a URL as aws4fetch 1.0.20 does with signQuery: parameters in its order, form-encoded by URLSearchParams, the
// session token appended after the signature and no part of what is signed.
//
//   node presign.js URL [--secret S] [--key K] [--token T] [--region R] [--service S] [--minutes-ago N] [--expires N]
const crypto = require('crypto')

const sha256 = (text) => crypto.createHash('sha256').update(text, 'utf8').digest('hex')
const hmac = (key, text) => crypto.createHmac('sha256', key).update(text, 'utf8').digest()
const strict = (text) => encodeURIComponent(text)
  .replace(/[!'()*]/g, (mark) => '%' + mark.charCodeAt(0).toString(16).toUpperCase())

function presign (address, options = {}) {
  const {
    key = 'test', secret = 'test', token, region = 'eu-west-1', service = 'iotdevicegateway', minutesAgo = 0, expires
  } = options
  const url = new URL(address)
  const instant = new Date(Date.now() - minutesAgo * 60000)
  const date = instant.toISOString().replace(/[:-]|\.\d{3}/g, '')
  const scope = [date.slice(0, 8), region, service, 'aws4_request'].join('/')
  const query = url.searchParams
  query.set('X-Amz-Date', date)
  if (expires) query.set('X-Amz-Expires', expires)
  query.set('X-Amz-Algorithm', 'AWS4-HMAC-SHA256')
  query.set('X-Amz-Credential', `${key}/${scope}`)
  query.set('X-Amz-SignedHeaders', 'host')

  const canonicalQuery = [...query]
    .map(([name, value]) => [strict(name), strict(value)])
    .sort(([a, x], [b, y]) => a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0)
    .map((pair) => pair.join('='))
    .join('&')
  const canonicalRequest = ['GET', url.pathname, canonicalQuery, `host:${url.host}\n`, 'host', sha256('')].join('\n')
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonicalRequest)].join('\n')
  const signingKey = scope.split('/').reduce(hmac, `AWS4${secret}`)
  query.set('X-Amz-Signature', hmac(signingKey, text).toString('hex'))
  if (token) query.set('X-Amz-Security-Token', token)
  return url.toString()
}

function options (words) {
  const result = {}
  for (let index = 0; index < words.length; index += 2) {
    const name = words[index].replace(/^--/, '').replace(/-(.)/g, (_, letter) => letter.toUpperCase())
    result[name] = words[index + 1]
  }
  return result
}

module.exports = { presign, options }

if (require.main === module) {
  const [url, ...rest] = process.argv.slice(2)
  console.log(presign(url, options(rest)))
}
