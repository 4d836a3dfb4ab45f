'use strict'
// The life of a shadow as mqtt.js sees it, once classic and once named: every message on the eight topics of its answers,
// in the order of arrival, with its text as sent. Times within a minute of the clock are printed as "now".
//
//   node shadow-life.js URL PROTOCOL_VERSION THING SHADOW
const mqtt = require('mqtt')

const [url, version, thing, named] = process.argv.slice(2)
const answers = ['get/accepted', 'get/rejected', 'update/accepted', 'update/rejected', 'update/delta', 'update/documents',
  'delete/accepted', 'delete/rejected']
const client = mqtt.connect(url, {
  protocolVersion: Number(version), clientId: `shadow-life-${version}`, clean: true, reconnectPeriod: 0
})

const times = (text) => text.replace(/"timestamp":(\d+)/g, (found, seconds) =>
  Math.abs(Date.now() / 1000 - Number(seconds)) < 60 ? '"timestamp":"now"' : found)

const subscribe = (topics) => new Promise((resolve, reject) => client.subscribe(topics, { qos: 1 }, (error, granted) =>
  error || granted.some((grant) => grant.qos !== 1) ? reject(error || new Error('not granted')) : resolve()))

async function life (prefix) {
  await subscribe(answers.map((answer) => `${prefix}/${answer}`))

  // Publishes a request and prints what comes, up to the message on `last` or the rejection.
  const ask = (verb, last, request) => new Promise((resolve) => {
    client.on('message', function heard (topic, payload) {
      const answer = topic.slice(prefix.length + 1)
      console.log(`{"topic":"${answer}","payload":${times(payload.toString())}}`)
      if (![last, `${verb}/rejected`].includes(answer)) return
      client.off('message', heard)
      resolve()
    })
    client.publish(`${prefix}/${verb}`, request, { qos: 1 })
  })

  await ask('get', 'get/rejected', '')
  await ask('update', 'update/documents', '{"state":{"desired":{"mode":"eco","fan":{"speed":2.0}}},"clientToken":"page"}')
  await ask('update', 'update/documents', '{"state":{"reported":{"mode":"eco","fan":{"speed":1}}},"version":1}')
  await ask('get', 'get/accepted', '{"clientToken":"again"}')
  await ask('update', 'update/rejected', '{"state":{"reported":{"mode":"off"}},"version":1,"clientToken":"late"}')
  await ask('update', 'update/rejected', '{state:')
  await ask('update', 'update/documents', '{"state":{"desired":{"fan":null},"reported":{"fan":null}}}')
  await ask('delete', 'delete/accepted', '')
  await ask('get', 'get/rejected', '{"clientToken":"gone"}')
  await ask('delete', 'delete/rejected', '{"clientToken":"twice"}')
}

function fail (error) {
  console.error(String(error))
  process.exit(1)
}
client.on('error', fail)
client.on('close', () => fail('closed'))
client.on('connect', async () => {
  try {
    await life(`$aws/things/${thing}/shadow`)
    await life(`$aws/things/${thing}/shadow/name/${named}`)
    client.removeAllListeners('close')
    client.end()
  } catch (error) {
    fail(error)
  }
})
