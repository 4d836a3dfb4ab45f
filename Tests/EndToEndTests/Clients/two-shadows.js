'use strict'
// The field's own flow: connect, subscribe to the update/accepted of two named shadows, publish to one after 1 s and to
// the other after 2 s, and end when both answers are there. Prints one JSON object a line.
//
//   node two-shadows.js URL PROTOCOL_VERSION CA_FILE THING
const fs = require('fs')
const mqtt = require('mqtt')

const [url, version, ca, thing] = process.argv.slice(2)
const update = (shadow) => `$aws/things/${thing}/shadow/name/${shadow}/update`
const shadows = ['test1', 'test2']
const start = process.hrtime.bigint()
const say = (event, facts) => console.log(JSON.stringify({
  event, ms: Number((process.hrtime.bigint() - start) / 1000000n), ...facts
}))

const client = mqtt.connect(url, {
  protocolVersion: Number(version),
  clientId: `two-shadows-${process.pid}`,
  clean: true,
  reconnectPeriod: 0,
  ca: fs.readFileSync(ca)
})
let answers = 0

client.on('connect', () => {
  say('connected', {})
  client.subscribe(shadows.map((shadow) => `${update(shadow)}/accepted`), { qos: 1 }, (error, granted) => {
    if (error) return fail(error)
    say('subscribed', { qos: granted.map((grant) => grant.qos) })
    shadows.forEach((shadow, index) => setTimeout(() => {
      say('published', { shadow })
      const document = JSON.stringify({ state: { desired: { number: index + 1 } }, clientToken: shadow })
      client.publish(update(shadow), document, { qos: 1 })
    }, 1000 * (index + 1)))
  })
})

client.on('message', (topic, payload) => {
  say('answer', { topic, payload: JSON.parse(payload.toString()) })
  answers += 1
  if (answers === shadows.length) client.end(false, {}, () => say('ended', {}))
})

function fail (error) {
  say('error', { message: String(error.message || error) })
  process.exitCode = 1
  client.end(true)
}
client.on('error', fail)
client.on('close', () => {
  if (answers < shadows.length) fail(new Error('closed'))
})
